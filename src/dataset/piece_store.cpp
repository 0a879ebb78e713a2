#include "partita/dataset/piece_store.hpp"

#include "dataset/piece_block.hpp"

#include "partita/core/error.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace partita::dataset {

PieceStore::PieceStore(Context context, Room room) : context_(std::move(context)), room_(room) {}
PieceStore::~PieceStore() { context_.memory().release(placed_bytes_); }

void PieceStore::add(PooledBuffer block, std::span<Piece const> pieces) {
    if (block.size() == 0) return;
    std::vector<Placed> placed;
    placed.reserve(pieces.size());
    std::int64_t offset = 0;
    for (Piece const& piece : pieces) {
        if (piece.bytes > 0) placed.push_back({piece, nullptr, offset});
        offset += piece.bytes;
    }
    keep_or_spill(std::move(block), placed);
    std::lock_guard const lock(mutex_);
    placed_.insert(placed_.end(), placed.begin(), placed.end());
    count_placed();
}

void PieceStore::count_placed() {
    auto const bytes = static_cast<std::int64_t>(placed_.capacity() * sizeof(Placed));
    std::int64_t const more = bytes - std::exchange(placed_bytes_, bytes);
    if (more > 0) context_.memory().keep(more);
    if (more < 0) context_.memory().release(-more);
}

void PieceStore::keep_or_spill(PooledBuffer buffer, std::span<Placed> placed) {
    std::shared_ptr<Block> block;
    if (room_ != Room::scratch && context_.memory().try_keep(buffer.capacity())) {
        block = std::make_shared<Block>(context_, std::move(buffer));
    } else {
        if (room_ == Room::memory) throw NoRoom{};
        {
            std::lock_guard const lock(mutex_);
            if (!file_) file_ = context_.new_spill_file();
        }
        std::vector<BlockPart> parts;
        for (Placed const& one : placed) parts.push_back({one.offset, one.piece.bytes});
        block =
            std::make_shared<Block>(file_, SpilledBlock(context_.memory(), *file_, buffer, parts));
    }
    for (Placed& one : placed) one.block = block;
}

void PieceStore::rename_partitions(FunctionRef<std::int64_t(std::int64_t)> new_partition) {
    for (Placed& one : placed_) one.piece.partition = new_partition(one.piece.partition);
}

void PieceStore::settle(RowRange partitions) {
    local_ = partitions;
    std::sort(placed_.begin(), placed_.end(), [](Placed const& a, Placed const& b) {
        return std::tie(a.piece.partition, a.piece.source, a.piece.sequence) <
               std::tie(b.piece.partition, b.piece.source, b.piece.sequence);
    });
    placed_.shrink_to_fit();
    count_placed();
    starts_.assign(static_cast<std::size_t>(local_.size()) + 1, 0);
    for (Placed const& placed : placed_) {
        std::int64_t const partition = placed.piece.partition;
        check(local_.contains(partition), "expected partitions [{}, {}), got {}", local_.first,
              local_.last, partition);
        ++starts_[static_cast<std::size_t>(partition - local_.first) + 1];
    }
    for (std::size_t i = 1; i < starts_.size(); ++i) starts_[i] += starts_[i - 1];
}

std::span<PieceStore::Placed const> PieceStore::pieces_of(std::int64_t partition) const {
    check(local_.contains(partition), "partition {} is not of this rank", partition);
    auto const p = static_cast<std::size_t>(partition - local_.first);
    return std::span(placed_).subspan(static_cast<std::size_t>(starts_[p]),
                                      static_cast<std::size_t>(starts_[p + 1] - starts_[p]));
}

void PieceStore::for_each_described(
    std::int64_t partition,
    FunctionRef<void(Piece const&, std::span<std::byte const>)> read) const {
    PooledBuffer scratch;
    for (Placed const& placed : pieces_of(partition))
        read(placed.piece,
             placed.block->read(placed.offset, placed.piece.bytes, context_, scratch));
}

void PieceStore::for_each_piece(std::int64_t partition,
                                FunctionRef<void(std::span<std::byte const>)> read) const {
    for_each_described(partition,
                       [&](Piece const&, std::span<std::byte const> bytes) { read(bytes); });
}

std::int64_t PieceStore::partition_bytes(std::int64_t partition) const {
    std::int64_t bytes = 0;
    for (Placed const& placed : pieces_of(partition)) bytes += placed.piece.bytes;
    return bytes;
}

PieceCursor::PieceCursor(PieceStore const& store, std::int64_t partition)
    : store_(store), left_(store.pieces_of(partition)) {}

bool PieceCursor::next(std::span<std::byte const>& bytes) {
    if (left_.empty()) return false;
    PieceStore::Placed const& placed = left_.front();
    bytes = placed.block->read(placed.offset, placed.piece.bytes, store_.context_, scratch_);
    left_ = left_.subspan(1);
    return true;
}

}  // namespace partita::dataset
