#include "dataset/piece_block.hpp"
#include "dataset/spilled_pieces.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"

#include <algorithm>
#include <cstring>

namespace partita::dataset {
namespace {

std::int64_t padded(std::int64_t bytes) {
    return (bytes + piece_alignment - 1) / piece_alignment * piece_alignment;
}

/// How many messages an exchange of these sizes takes.
std::int64_t messages_for(std::vector<std::int64_t> const& bytes_to, ExchangeLimits const& limits) {
    std::int64_t messages = 0;
    for (std::int64_t const bytes : bytes_to)
        messages += (bytes + limits.chunk_bytes - 1) / limits.chunk_bytes;
    return messages;
}

}  // namespace

/// The pieces that leave this rank, cut into rounds.
///
/// What goes to one rank in one round: the number of pieces (padded), their descriptions, then
/// their bytes, each padded. Every pair of ranks has the same share of a round, so that a rank to
/// whom all send receives no more than it may.
class PieceStore::Sender {
  public:
    /// @param in_scratch  What is in scratch, of this rank's and others' partitions; may be null.
    Sender(Context const& context, std::vector<Placed> leaving, SpilledPieces const* in_scratch,
           std::int64_t partitions)
        : context_(context), in_scratch_(in_scratch) {
        Communicator const& comm = context.comm();
        for (int rank = 0; rank < comm.size(); ++rank) {
            queues_.emplace_back();
            if (in_scratch && rank != comm.rank())
                queues_.back().in_scratch.emplace(*in_scratch,
                                                  share_of(partitions, comm.size(), rank));
        }
        for (Placed& placed : leaving)
            queues_[static_cast<std::size_t>(context.owner_of(placed.piece.partition, partitions))]
                .in_memory.push_back(std::move(placed));
        for (Queue& queue : queues_) {
            std::reverse(queue.in_memory.begin(), queue.in_memory.end());  // pop from the back
            noted_bytes_ += static_cast<std::int64_t>(queue.in_memory.capacity() * sizeof(Placed));
        }
        context.memory().keep(noted_bytes_);
        pair_limit_ = context.memory().exchange_limit() / comm.size();
    }

    ~Sender() { context_.memory().release(noted_bytes_); }
    Sender(Sender const&) = delete;
    Sender& operator=(Sender const&) = delete;

    bool done() const {
        return std::all_of(queues_.begin(), queues_.end(), [](Queue const& queue) {
            return queue.in_memory.empty() && !(queue.in_scratch && queue.in_scratch->next());
        });
    }

    /// Pack the next round. @returns the bytes for each rank.
    std::vector<std::int64_t> pack(PooledBuffer& send) {
        std::vector<Slice> slices;
        std::vector<std::int64_t> bytes_to;
        std::int64_t total = 0;
        for (Queue const& queue : queues_) {
            slices.push_back(next_slice(queue));
            bytes_to.push_back(slices.back().bytes);
            total += slices.back().bytes;
        }
        if (send.capacity() < total) {
            send = PooledBuffer();  // give back the old one first
            send = PooledBuffer(context_.memory(), total);
        }
        send.set_size(total);
        std::byte* out = send.data();
        for (std::size_t r = 0; r < queues_.size(); ++r)
            if (slices[r].bytes > 0) out = pack_slice(queues_[r], slices[r], out);
        return bytes_to;
    }

  private:
    /// What goes to one rank.
    struct Queue {
        std::vector<Placed> in_memory;  ///< The next piece is the last.
        std::optional<SpilledPieceCursor> in_scratch{};
    };
    /// How many pieces of a queue go next, and the bytes that they take.
    struct Slice {
        std::int64_t in_memory = 0, in_scratch = 0, bytes = 0;
    };

    /// What fits one round; at least one piece.
    Slice next_slice(Queue const& queue) const {
        Slice slice;
        auto const takes = [&](Piece const& piece) {
            std::int64_t const more =
                static_cast<std::int64_t>(sizeof(Piece)) + padded(piece.bytes);
            if (slice.bytes > 0 && slice.bytes + more > pair_limit_) return false;
            slice.bytes += more + (slice.bytes == 0 ? piece_alignment : 0);
            return true;
        };
        for (auto placed = queue.in_memory.rbegin(); placed != queue.in_memory.rend(); ++placed) {
            if (!takes(placed->piece)) return slice;
            ++slice.in_memory;
        }
        if (!queue.in_scratch) return slice;
        for (SpilledPieceCursor ahead = *queue.in_scratch;
             ahead.next() && takes(ahead.next()->piece); ahead.pop())
            ++slice.in_scratch;
        return slice;
    }

    std::byte* pack_slice(Queue& queue, Slice const& slice, std::byte* out) {
        std::int64_t const count = slice.in_memory + slice.in_scratch;
        std::memcpy(out, &count, sizeof count);
        std::byte* description = out + piece_alignment;
        std::byte* data = description + count * static_cast<std::int64_t>(sizeof(Piece));
        auto const put = [&](Piece const& piece, std::span<std::byte const> bytes) {
            std::memcpy(description, &piece, sizeof piece);
            std::memcpy(data, bytes.data(), bytes.size());
            description += sizeof piece;
            data += padded(piece.bytes);
        };
        for (std::int64_t i = 0; i < slice.in_memory; ++i, queue.in_memory.pop_back()) {
            Placed const& placed = queue.in_memory.back();
            put(placed.piece, placed.block->read(placed.offset, placed.piece.bytes));
        }
        for (std::int64_t i = 0; i < slice.in_scratch; ++i, queue.in_scratch->pop()) {
            SpilledPiece const& next = *queue.in_scratch->next();
            put(next.piece, in_scratch_->read(next, scratch_));
        }
        return data;
    }

    Context const& context_;
    SpilledPieces const* in_scratch_;
    std::vector<Queue> queues_;  ///< By rank.
    std::int64_t pair_limit_ = 0;
    std::int64_t noted_bytes_ = 0;  ///< The queues', counted as kept data.
    PooledBuffer scratch_;
};

/// Place what a round brought. The ranks' slices lie one after another, each made by pack_slice.
void PieceStore::receive(PooledBuffer bytes, std::vector<std::int64_t> const& bytes_from) {
    std::vector<Piece> pieces;
    std::vector<std::int64_t> offsets;
    std::int64_t start = 0;
    for (std::int64_t const size : bytes_from) {
        if (size == 0) continue;
        std::int64_t count = 0;
        std::memcpy(&count, bytes.data() + start, sizeof count);
        std::int64_t const descriptions = start + piece_alignment;
        std::int64_t data = descriptions + count * static_cast<std::int64_t>(sizeof(Piece));
        for (std::int64_t i = 0; i < count; ++i) {
            Piece& piece = pieces.emplace_back();
            std::memcpy(&piece,
                        bytes.data() + descriptions + i * static_cast<std::int64_t>(sizeof(Piece)),
                        sizeof piece);
            offsets.push_back(data);
            data += padded(piece.bytes);
        }
        start += size;
    }
    if (!pieces.empty()) place(std::move(bytes), pieces, offsets, received_);
}

void PieceStore::exchange(std::int64_t partitions, std::string_view what) {
    Communicator const& comm = context_.comm();
    RowRange const local = context_.local_partitions(partitions);
    std::optional<Sender> sender;
    collectively(comm, what, [&] {
        std::vector<Placed> leaving;
        auto const stays = [&](Placed const& p) { return local.contains(p.piece.partition); };
        auto const first_leaving = std::partition(placed_.begin(), placed_.end(), stays);
        leaving.assign(std::make_move_iterator(first_leaving),
                       std::make_move_iterator(placed_.end()));
        placed_.erase(first_leaving, placed_.end());
        placed_.shrink_to_fit();
        count_placed();
        if (added_) added_->settle();
        sender.emplace(context_, std::move(leaving), added_.get(), partitions);
    });
    PooledBuffer send;
    while (comm.all_reduce(sender->done() ? 0 : 1, Reduce::max) == 1) {
        std::vector<std::int64_t> const bytes_to =
            collectively(comm, what, [&] { return sender->pack(send); });
        std::vector<std::int64_t> bytes_from;
        PooledBuffer received;
        all_to_all_bytes(
            comm, {send.data(), static_cast<std::size_t>(send.size())}, bytes_to, bytes_from,
            [&](std::int64_t bytes) {
                received = PooledBuffer(context_.memory(), bytes);
                return received.data();
            },
            context_.exchange_limits());
        context_.count_sent(send.size(), messages_for(bytes_to, context_.exchange_limits()));
        collectively(comm, what, [&] { receive(std::move(received), bytes_from); });
    }
    collectively(comm, what, [&] { settle(local); });
}

}  // namespace partita::dataset
