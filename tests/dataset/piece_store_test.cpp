// Pieces that are far more than memory holds notes about.
#include "partita/dataset/piece_store.hpp"

#include "dataset/contexts.hpp"

#include "partita/core/hash.hpp"

#include <algorithm>
#include <cstring>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

namespace partita::dataset {
namespace {

/// A piece's place, which is also what its bytes say.
using Label = std::tuple<std::int64_t, std::int64_t, std::int64_t>;  // partition, source, sequence

Label label_of(Piece const& piece) { return {piece.partition, piece.source, piece.sequence}; }

/// Every source has a piece of one or two labels in a third of the partitions, `blocks` times.
class Pieces {
  public:
    Pieces(std::int64_t partitions, std::int64_t sources, std::int64_t blocks)
        : partitions_(partitions), sources_(sources), blocks_(blocks) {}

    template <class Visit>
    void for_each_block(std::int64_t source, Visit const& visit) const {
        for (std::int64_t sequence = 0; sequence < blocks_; ++sequence) {
            std::vector<Piece> pieces;
            for (std::int64_t p = 0; p < partitions_; ++p) {
                std::uint64_t const random =
                    mix64(static_cast<std::uint64_t>((p * sources_ + source) * blocks_ + sequence));
                if (random % 3 == 0)
                    pieces.push_back({p, source, sequence,
                                      static_cast<std::int64_t>(sizeof(Label)) *
                                          (1 + static_cast<std::int64_t>(random / 3 % 2))});
            }
            visit(pieces);
        }
    }

    /// Those of this rank's sources.
    void fill(PieceStore& store) const {
        Context const& context = store.context();
        RowRange const mine = context.local_partitions(sources_);
        for (std::int64_t source = mine.first; source < mine.last; ++source)
            for_each_block(source, [&](std::vector<Piece> const& pieces) {
                std::vector<Label> labels;
                for (Piece const& piece : pieces)
                    for (std::int64_t at = 0; at < piece.bytes; at += sizeof(Label))
                        labels.push_back(label_of(piece));
                auto const bytes = static_cast<std::int64_t>(labels.size() * sizeof(Label));
                PooledBuffer block(context.memory(), bytes);
                std::memcpy(block.data(), static_cast<void const*>(labels.data()),
                            static_cast<std::size_t>(bytes));
                store.add(std::move(block), pieces);
            });
    }

    /// All pieces of all ranks that `belongs` takes, as they are to be read.
    template <class Belongs>
    std::vector<Label> expected(Belongs const& belongs) const {
        std::vector<Label> labels;
        for (std::int64_t source = 0; source < sources_; ++source)
            for_each_block(source, [&](std::vector<Piece> const& pieces) {
                for (Piece const& piece : pieces)
                    if (belongs(piece)) labels.push_back(label_of(piece));
            });
        std::sort(labels.begin(), labels.end());
        return labels;
    }

  private:
    std::int64_t partitions_, sources_, blocks_;
};

/// What this rank's partitions hold, the bytes being checked on the way.
std::vector<Label> labels_in(PieceStore const& store, RowRange partitions) {
    std::vector<Label> found;
    for (std::int64_t p = partitions.first; p < partitions.last; ++p) {
        std::int64_t sum = 0;
        store.for_each_described(p, [&](Piece const& piece, std::span<std::byte const> bytes) {
            found.push_back(label_of(piece));
            sum += std::ssize(bytes);
            for (std::size_t at = 0; at < bytes.size(); at += sizeof(Label)) {
                Label label;
                std::memcpy(static_cast<void*>(&label), bytes.data() + at, sizeof label);
                EXPECT_EQ(label, found.back());
            }
        });
        EXPECT_EQ(store.partition_bytes(p), sum);
    }
    return found;
}

/// Half of the memory is for what is kept, and somewhat more for notes: two lots that are not yet
/// in scratch, and spare room beside those in memory.
void expect_little_kept(Context const& context) {
    EXPECT_LE(context.memory().kept_bytes(), test::least_memory_bytes / 2 + (40 << 10));
}

TEST(PieceStore, NotesFindRoomInScratch) {
    Pieces const pieces(4000, 7, 3);  // 28,000: 1.6 MB of notes, and 1 MB of data
    for (Context const& context : {test::least(), test::compressing(), test::roomy()}) {
        bool const is_tight = context.memory_bytes() == test::least_memory_bytes;
        PieceStore store(context);
        pieces.fill(store);
        if (is_tight) expect_little_kept(context);
        store.exchange(4000, "test");
        if (is_tight) expect_little_kept(context);
        RowRange const local = context.local_partitions(4000);
        EXPECT_EQ(labels_in(store, local), pieces.expected([&](Piece const& piece) {
            return local.contains(piece.partition);
        }));
    }
}

TEST(PieceStore, RenamesPartitionsOfWhatIsInScratch) {
    Pieces const pieces(3000, 3, 6);
    Context const context = test::least();
    PieceStore store(context);
    pieces.fill(store);
    // Backwards, and two become one: pieces come in another order than they were noted in.
    store.rename_partitions([](std::int64_t p) { return (2999 - p) / 2; });
    store.exchange(1500, "test");
    expect_little_kept(context);
    RowRange const local = context.local_partitions(1500);
    std::vector<Label> expected, found;
    for (auto const& [partition, source, sequence] :
         pieces.expected([](Piece const&) { return true; }))
        if (local.contains((2999 - partition) / 2))
            expected.emplace_back((2999 - partition) / 2, source, sequence);
    std::sort(expected.begin(), expected.end());
    for (std::int64_t p = local.first; p < local.last; ++p)
        store.for_each_described(
            p, [&](Piece const& piece, auto) { found.push_back(label_of(piece)); });
    EXPECT_EQ(found, expected);
}

}  // namespace
}  // namespace partita::dataset
