#include "frame/text_output.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/dataset/gather.hpp"
#include "partita/dataset/piece_store.hpp"
#include "partita/io/shared_file.hpp"

#include <cstring>

namespace partita::frame {

namespace {

constexpr std::int64_t piece_bytes = 1 << 20;

/// Keeps the text of one partition in a store, piece by piece.
class TextKeeper {
  public:
    TextKeeper(dataset::PieceStore& store, std::int64_t partition)
        : store_(store), partition_(partition) {}
    void keep(std::string& text, std::int64_t from_bytes) {
        auto const bytes = static_cast<std::int64_t>(text.size());
        if (bytes < from_bytes) return;
        dataset::PooledBuffer buffer(store_.context().memory(), bytes);
        if (bytes > 0) std::memcpy(buffer.data(), text.data(), text.size());
        dataset::Piece const piece{partition_, partition_, sequence_++, bytes};
        store_.add(std::move(buffer), {&piece, 1});
        text.clear();
    }

  private:
    dataset::PieceStore& store_;
    std::int64_t partition_, sequence_ = 0;
};

}  // namespace

Written keep_text(Table const& table, AppendRows append, dataset::PieceStore& store,
                  std::int64_t partition) {
    TextKeeper keeper(store, partition);
    Written written;
    std::string text;
    table.source()->run(partition, [&](Block const& block) {
        auto const before = static_cast<std::int64_t>(text.size());
        append(text, block);
        written.rows += block.rows();
        written.bytes += static_cast<std::int64_t>(text.size()) - before;
        keeper.keep(text, piece_bytes);
    });
    keeper.keep(text, 1);
    return written;
}

std::int64_t write_text(Table const& table, std::string_view operation, std::string const& path,
                        std::string const& header, AppendRows append, bool overwrite) {
    dataset::Context const& context = table.context();
    dataset::PieceStore store(context);
    std::vector<Written> const mine = run_partitions(
        table.plan(), operation,
        [&](std::int64_t partition) { return keep_text(table, append, store, partition); });
    std::vector<Written> const all = dataset::gather_partitions(table.plan(), mine);
    std::vector<std::int64_t> offsets{static_cast<std::int64_t>(header.size())};
    std::int64_t rows = 0;
    for (Written const& one : all) {
        offsets.push_back(offsets.back() + one.bytes);
        rows += one.rows;
    }
    io::SharedFile file(context.comm(), path, offsets.back(), overwrite);
    collectively(context.comm(), "", [&] {
        store.settle({0, table.num_partitions()});
        if (context.comm().is_root())
            file.write_at(0, header.data(), static_cast<std::int64_t>(header.size()));
        for (std::int64_t const partition : table.plan().local_partitions()) {
            std::int64_t at = offsets[static_cast<std::size_t>(partition)];
            store.for_each_piece(partition, [&](std::span<std::byte const> text) {
                file.write_at(at, text.data(), static_cast<std::int64_t>(text.size()));
                at += static_cast<std::int64_t>(text.size());
            });
        }
    });
    file.commit();
    return rows;
}

}  // namespace partita::frame
