#include "dataset/piece_block.hpp"

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
    Sender(Context const& context, std::vector<Placed> leaving, std::int64_t partitions)
        : context_(context), queues_(static_cast<std::size_t>(context.comm().size())) {
        for (Placed& placed : leaving)
            queues_[static_cast<std::size_t>(context.owner_of(placed.piece.partition, partitions))]
                .push_back(std::move(placed));
        for (auto& queue : queues_) {
            std::reverse(queue.begin(), queue.end());  // pop from the back
            noted_bytes_ += static_cast<std::int64_t>(queue.capacity() * sizeof(Placed));
        }
        context.memory().keep(noted_bytes_);
        pair_limit_ = context.memory().exchange_limit() / context.comm().size();
    }

    ~Sender() { context_.memory().release(noted_bytes_); }
    Sender(Sender const&) = delete;
    Sender& operator=(Sender const&) = delete;

    bool done() const {
        return std::all_of(queues_.begin(), queues_.end(),
                           [](auto const& queue) { return queue.empty(); });
    }

    /// Pack the next round. @returns the bytes for each rank.
    std::vector<std::int64_t> pack(PooledBuffer& send) {
        std::vector<std::size_t> counts;
        std::vector<std::int64_t> bytes_to;
        std::int64_t total = 0;
        for (auto const& queue : queues_) {
            auto const [count, bytes] = next_slice(queue);
            counts.push_back(count);
            bytes_to.push_back(bytes);
            total += bytes;
        }
        if (send.capacity() < total) {
            send = PooledBuffer();  // give back the old one first
            send = PooledBuffer(context_.memory(), total);
        }
        send.set_size(total);
        std::byte* out = send.data();
        for (std::size_t r = 0; r < queues_.size(); ++r)
            if (counts[r] > 0) out = pack_slice(queues_[r], counts[r], out);
        return bytes_to;
    }

  private:
    /// How many pieces of a queue fit one round (at least one), and the bytes that they take.
    std::pair<std::size_t, std::int64_t> next_slice(std::vector<Placed> const& queue) const {
        std::size_t count = 0;
        std::int64_t bytes = piece_alignment;
        for (auto placed = queue.rbegin(); placed != queue.rend(); ++placed, ++count) {
            std::int64_t const more =
                static_cast<std::int64_t>(sizeof(Piece)) + padded(placed->piece.bytes);
            if (count > 0 && bytes + more > pair_limit_) break;
            bytes += more;
        }
        return count == 0 ? std::pair<std::size_t, std::int64_t>{0, 0} : std::pair{count, bytes};
    }

    std::byte* pack_slice(std::vector<Placed>& queue, std::size_t count, std::byte* out) {
        auto const number = static_cast<std::int64_t>(count);
        std::memcpy(out, &number, sizeof number);
        std::byte* description = out + piece_alignment;
        std::byte* data = description + count * sizeof(Piece);
        for (std::size_t i = 0; i < count; ++i, queue.pop_back()) {
            Placed const& placed = queue.back();
            std::int64_t const bytes = placed.piece.bytes;
            std::memcpy(description + i * sizeof(Piece), &placed.piece, sizeof(Piece));
            auto const source = placed.block->read(placed.offset, bytes, context_, scratch_);
            std::memcpy(data, source.data(), source.size());
            data += padded(bytes);
        }
        return data;
    }

    Context const& context_;
    std::vector<std::vector<Placed>> queues_;  ///< By rank; the next piece is the last.
    std::int64_t pair_limit_;
    std::int64_t noted_bytes_ = 0;  ///< The queues', counted as kept data.
    PooledBuffer scratch_;
};

/// Place what a round brought. The ranks' slices lie one after another, each made by pack_slice.
void PieceStore::receive(PooledBuffer bytes, std::vector<std::int64_t> const& bytes_from) {
    std::vector<Placed> found;
    std::int64_t start = 0;
    for (std::int64_t const size : bytes_from) {
        if (size == 0) continue;
        std::int64_t count = 0;
        std::memcpy(&count, bytes.data() + start, sizeof count);
        std::int64_t const descriptions = start + piece_alignment;
        std::int64_t data = descriptions + count * static_cast<std::int64_t>(sizeof(Piece));
        for (std::int64_t i = 0; i < count; ++i) {
            Piece piece;
            std::memcpy(&piece,
                        bytes.data() + descriptions + i * static_cast<std::int64_t>(sizeof(Piece)),
                        sizeof piece);
            found.push_back({piece, nullptr, data});
            data += padded(piece.bytes);
        }
        start += size;
    }
    if (found.empty()) return;
    keep_or_spill(std::move(bytes), found);
    placed_.insert(placed_.end(), found.begin(), found.end());
    count_placed();
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
        sender.emplace(context_, std::move(leaving), partitions);
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
