#include "partita/comm/communicator.hpp"

#include "comm/communicator_state.hpp"
#include "comm/limits.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

namespace partita {

namespace {

int to_count(std::int64_t n, char const* function) {
    if (n < 0 || n > std::numeric_limits<int>::max())
        throw MpiError(std::string(function) + ": a count of " + std::to_string(n));
    return static_cast<int>(n);
}

}  // namespace

Communicator::Communicator(std::shared_ptr<State const> state) : state_(std::move(state)) {}

Communicator Communicator::world() {
    return Communicator(std::make_shared<State const>(
        boost::mpi::communicator(MPI_COMM_WORLD, boost::mpi::comm_attach)));
}

Communicator Communicator::self() {
    return Communicator(std::make_shared<State const>(
        boost::mpi::communicator(MPI_COMM_SELF, boost::mpi::comm_attach)));
}

int Communicator::rank() const { return state_->rank; }

int Communicator::size() const { return state_->size; }

MPI_Comm Communicator::handle() const { return state_->boost; }

Communicator Communicator::split(int color, int key) const {
    MPI_Comm part = MPI_COMM_NULL;
    check_mpi(MPI_Comm_split(handle(), color, key, &part), "MPI_Comm_split");
    return Communicator(std::make_shared<State const>(
        boost::mpi::communicator(part, boost::mpi::comm_take_ownership)));
}

void Communicator::barrier() const { check_mpi(MPI_Barrier(handle()), "MPI_Barrier"); }

std::string Communicator::broadcast(std::string text, int root) const {
    auto const length = broadcast(static_cast<std::int64_t>(text.size()), root);
    text.resize(static_cast<std::size_t>(length));
    broadcast_bytes(text.data(), length, root);
    return text;
}

// Alone, a rank makes no call to MPI here: cheap, and safe in any of its threads.
void Communicator::broadcast_bytes(void* data, std::int64_t bytes, int root) const {
    if (size() == 1) return;
    std::int64_t const piece = comm_limits::piece_bytes();
    for (std::int64_t done = 0; done < bytes; done += piece) {
        int const count = to_count(std::min(piece, bytes - done), "MPI_Bcast");
        check_mpi(MPI_Bcast(static_cast<char*>(data) + done, count, MPI_BYTE, root, handle()),
                  "MPI_Bcast");
    }
}

void Communicator::all_gather_bytes(void const* value, std::int64_t bytes, void* all) const {
    if (size() == 1) {
        std::memcpy(all, value, static_cast<std::size_t>(bytes));
        return;
    }
    int const count = to_count(bytes, "MPI_Allgather");
    check_mpi(MPI_Allgather(value, count, MPI_BYTE, all, count, MPI_BYTE, handle()),
              "MPI_Allgather");
}

std::vector<std::byte> Communicator::all_gather_varying_bytes(
    std::span<std::byte const> bytes) const {
    if (size() == 1) return {bytes.begin(), bytes.end()};
    std::vector<std::int64_t> const sizes = all_gather(static_cast<std::int64_t>(bytes.size()));
    std::vector<std::int64_t> starts(sizes.size() + 1, 0);
    for (std::size_t r = 0; r < sizes.size(); ++r) starts[r + 1] = starts[r] + sizes[r];
    std::vector<std::byte> all(static_cast<std::size_t>(starts.back()));
    if (starts.back() <= comm_limits::piece_bytes()) {
        std::vector<int> const counts(sizes.begin(), sizes.end());
        std::vector<int> const places(starts.begin(), starts.end() - 1);
        check_mpi(MPI_Allgatherv(bytes.data(), counts[static_cast<std::size_t>(rank())], MPI_BYTE,
                                 all.data(), counts.data(), places.data(), MPI_BYTE, handle()),
                  "MPI_Allgatherv");
        return all;
    }
    std::copy(bytes.begin(), bytes.end(), all.begin() + starts[static_cast<std::size_t>(rank())]);
    for (int r = 0; r < size(); ++r) {
        auto const source = static_cast<std::size_t>(r);
        broadcast_bytes(all.data() + starts[source], sizes[source], r);
    }
    return all;
}

std::vector<std::string> Communicator::all_gather_text(std::string const& text) const {
    std::vector<std::int64_t> const lengths = all_gather(static_cast<std::int64_t>(text.size()));
    std::vector<char> const all = all_gather_varying(std::span<char const>(text));
    std::vector<std::string> texts;
    std::size_t start = 0;
    for (std::int64_t const length : lengths) {
        texts.emplace_back(all.data() + start, static_cast<std::size_t>(length));
        start += static_cast<std::size_t>(length);
    }
    return texts;
}

}  // namespace partita
