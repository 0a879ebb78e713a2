#include "comm/file_chain.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/comm/mpi_error.hpp"
#include "partita/core/hash.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <thread>

namespace partita {

namespace {

constexpr int chain_tag = 32;
/// Hash what was just copied while it is still in the processor's cache.
constexpr std::int64_t hash_bytes_at_once = 256 << 10;

/// Wait without keeping the core busy: the threads that write and populate need it more.
void wait_for(MPI_Request& request) {
    int done = 0;
    while (true) {
        check_mpi(MPI_Test(&request, &done, MPI_STATUS_IGNORE), "MPI_Test");
        if (done) return;
        std::this_thread::sleep_for(std::chrono::microseconds(20));
    }
}

/// The transfers of the chunks in hand, one per slot.
class SlotRequests {
  public:
    SlotRequests() { requests_.fill(MPI_REQUEST_NULL); }
    MPI_Request& operator[](std::int64_t chunk) {
        return requests_[static_cast<std::size_t>(chunk % chunks_in_hand)];
    }
    void wait(std::int64_t chunk) { wait_for((*this)[chunk]); }
    void wait_for_all() {
        for (MPI_Request& request : requests_) wait_for(request);
    }

  private:
    std::array<MPI_Request, chunks_in_hand> requests_;
};

void start_send(ChainLink const& link, std::byte const* place, std::int64_t chunk,
                MPI_Request& request) {
    if (link.next == MPI_PROC_NULL) return;
    check_mpi(MPI_Isend(place, static_cast<int>(link.chunks.size(chunk)), MPI_BYTE, link.next,
                        chain_tag, link.comm.handle(), &request),
              "MPI_Isend");
}

void start_receive(ChainLink const& link, std::byte* place, std::int64_t chunk,
                   MPI_Request& request) {
    check_mpi(MPI_Irecv(place, static_cast<int>(link.chunks.size(chunk)), MPI_BYTE, link.previous,
                        chain_tag, link.comm.handle(), &request),
              "MPI_Irecv");
}

/// Do rank-local work unless something failed before; remember the first failure.
template <class Work>
void attempt(ChainOutcome& outcome, Work work) {
    if (outcome.failure) return;
    try {
        work();
    } catch (...) {
        outcome.failure = current_exception_message();
    }
}

void read_and_hash(File const& source, std::int64_t offset, std::byte* place, std::int64_t bytes,
                   StreamingHash& hash) {
    for (std::int64_t done = 0; done < bytes; done += hash_bytes_at_once) {
        std::int64_t const part = std::min(hash_bytes_at_once, bytes - done);
        source.read_at(offset + done, place + done, part);
        hash.update(place + done, static_cast<std::size_t>(part));
    }
}

}  // namespace

ChainLink::ChainLink(Communicator const& communicator, Chunks file_chunks)
    : comm(communicator),
      chunks(file_chunks),
      buffers(std::min(file_chunks.count(), chunks_in_hand) * file_chunks.chunk_bytes) {}

ChainOutcome send_along(ChainLink& link, File const& source,
                        std::function<void(std::int64_t)> const& progress) {
    Chunks const& chunks = link.chunks;
    ChainOutcome outcome;
    StreamingHash hash;
    SlotRequests sends;
    for (std::int64_t chunk = 0; chunk < chunks.count(); ++chunk) {
        std::byte* const place = link.buffer(chunk);
        std::int64_t const offset = chunks.offset(chunk), bytes = chunks.size(chunk);
        sends.wait(chunk);
        attempt(outcome, [&] {
            if (link.skip_hash)
                source.read_at(offset, place, bytes);
            else
                read_and_hash(source, offset, place, bytes, hash);
        });
        start_send(link, place, chunk, sends[chunk]);
        attempt(outcome, [&] {
            if (link.target) {
                std::memcpy(link.target->prepare(chunk), place, static_cast<std::size_t>(bytes));
                link.target->keep(chunk);
            }
            if (progress) progress(offset + bytes);
        });
    }
    sends.wait_for_all();
    attempt(outcome, [&] {
        if (link.target) link.target->finish();
    });
    outcome.hash = hash.digest();
    return outcome;
}

ChainOutcome receive_along(ChainLink& link) {
    Chunks const& chunks = link.chunks;
    ChainOutcome outcome;
    StreamingHash hash;
    SlotRequests receives, sends;
    std::array<std::byte*, chunks_in_hand> places{};
    auto const place_of = [&](std::int64_t chunk) -> std::byte*& {
        return places[static_cast<std::size_t>(chunk % chunks_in_hand)];
    };
    auto const begin = [&](std::int64_t chunk) {
        sends.wait(chunk);  // of what was in this slot
        place_of(chunk) = link.buffer(chunk);
        attempt(outcome, [&] { place_of(chunk) = link.target->prepare(chunk); });
        start_receive(link, place_of(chunk), chunk, receives[chunk]);
    };
    auto const complete = [&](std::int64_t chunk) {
        receives.wait(chunk);
        start_send(link, place_of(chunk), chunk, sends[chunk]);
        attempt(outcome, [&] {
            hash.update(place_of(chunk), static_cast<std::size_t>(chunks.size(chunk)));
            link.target->keep(chunk);
        });
    };
    for (std::int64_t chunk = 0; chunk <= chunks.count(); ++chunk) {
        if (chunk < chunks.count()) begin(chunk);
        if (chunk > 0) complete(chunk - 1);
    }
    sends.wait_for_all();
    attempt(outcome, [&] { link.target->finish(); });
    outcome.hash = hash.digest();
    return outcome;
}

}  // namespace partita
