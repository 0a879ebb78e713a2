#include "partita/dataset/piece_store.hpp"

#include "dataset/piece_block.hpp"
#include "dataset/spilled_pieces.hpp"

#include "partita/core/error.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace partita::dataset {

PieceStore::PieceStore(Context context, Room room) : context_(std::move(context)), room_(room) {}
PieceStore::~PieceStore() { context_.memory().release(placed_bytes_); }

void PieceStore::add(PooledBuffer block, std::span<Piece const> pieces) {
    if (block.size() == 0) return;
    std::vector<std::int64_t> offsets;
    offsets.reserve(pieces.size());
    std::int64_t offset = 0;
    for (Piece const& piece : pieces) {
        offsets.push_back(offset);
        offset += piece.bytes;
    }
    place(std::move(block), pieces, offsets, added_);
}

void PieceStore::place(PooledBuffer block, std::span<Piece const> pieces,
                       std::span<std::int64_t const> offsets,
                       std::shared_ptr<SpilledPieces>& spilled) {
    MemoryAccount& memory = context_.memory();
    auto const notes = static_cast<std::int64_t>(pieces.size() * sizeof(Placed));
    if (room_ != Room::scratch && memory.try_keep(block.capacity() + notes)) {
        auto const kept = std::make_shared<Block>(context_, std::move(block));
        std::lock_guard const lock(mutex_);
        memory.release(notes);
        if (placed_.size() + pieces.size() >
            placed_.capacity())  // by less than a vector's doubling
            placed_.reserve(placed_.size() + std::max(pieces.size(), placed_.size() / 4));
        for (std::size_t i = 0; i < pieces.size(); ++i)
            if (pieces[i].bytes > 0) placed_.push_back({pieces[i], kept, offsets[i]});
        count_placed();
        return;
    }
    if (room_ == Room::memory) throw NoRoom{};
    {
        std::lock_guard const lock(mutex_);
        if (!spilled) spilled = std::make_shared<SpilledPieces>(context_);
    }
    spilled->add(block, pieces, offsets);
}

void PieceStore::count_placed() {
    auto const bytes = static_cast<std::int64_t>(placed_.capacity() * sizeof(Placed));
    std::int64_t const more = bytes - std::exchange(placed_bytes_, bytes);
    if (more > 0) context_.memory().keep(more);
    if (more < 0) context_.memory().release(-more);
}

void PieceStore::rename_partitions(FunctionRef<std::int64_t(std::int64_t)> new_partition) {
    for (Placed& one : placed_) one.piece.partition = new_partition(one.piece.partition);
    if (added_) added_->rename(new_partition);
}

void PieceStore::settle(RowRange partitions) {
    local_ = partitions;
    for (SpilledPieces* const spilled : {added_.get(), received_.get()})
        if (spilled) spilled->settle();
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
    PieceCursor cursor(*this, partition);
    Piece piece;
    for (std::span<std::byte const> bytes; cursor.next(piece, &bytes);) read(piece, bytes);
}

void PieceStore::for_each_piece(std::int64_t partition,
                                FunctionRef<void(std::span<std::byte const>)> read) const {
    for_each_described(partition,
                       [&](Piece const&, std::span<std::byte const> bytes) { read(bytes); });
}

std::int64_t PieceStore::partition_bytes(std::int64_t partition) const {
    PieceCursor cursor(*this, partition);
    std::int64_t bytes = 0;
    for (Piece piece; cursor.next(piece, nullptr);) bytes += piece.bytes;
    return bytes;
}

struct PieceCursor::Spilled {
    Spilled(SpilledPieces const& of, std::int64_t partition)
        : pieces(of), cursor(of, {partition, partition + 1}) {}
    SpilledPieces const& pieces;
    SpilledPieceCursor cursor;
};

PieceCursor::PieceCursor(PieceStore const& store, std::int64_t partition)
    : store_(store), left_(store.pieces_of(partition)) {
    for (SpilledPieces const* const pieces : {store.added_.get(), store.received_.get()})
        if (pieces) spilled_.push_back(std::make_unique<Spilled>(*pieces, partition));
}
PieceCursor::~PieceCursor() = default;

bool PieceCursor::next(std::span<std::byte const>& bytes) {
    Piece piece;
    return next(piece, &bytes);
}

bool PieceCursor::next(Piece& piece, std::span<std::byte const>* bytes) {
    auto const is_before = [](Piece const& a, Piece const& b) {
        return std::tie(a.source, a.sequence) < std::tie(b.source, b.sequence);
    };
    Piece const* least = left_.empty() ? nullptr : &left_.front().piece;
    Spilled* from = nullptr;
    for (auto const& spilled : spilled_) {
        SpilledPiece const* const next = spilled->cursor.next();
        if (!next || (least && !is_before(next->piece, *least))) continue;
        least = &next->piece;
        from = spilled.get();
    }
    if (!least) return false;
    piece = *least;
    if (from) {
        if (bytes) *bytes = from->pieces.read(*from->cursor.next(), scratch_);
        from->cursor.pop();
    } else {
        if (bytes) *bytes = left_.front().block->read(left_.front().offset, piece.bytes);
        left_ = left_.subspan(1);
    }
    return true;
}

}  // namespace partita::dataset
