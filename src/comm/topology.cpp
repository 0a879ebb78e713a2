#include "partita/comm/topology.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/comm/mpi_error.hpp"

#include <charconv>
#include <cstdlib>
#include <limits>

namespace partita {

namespace {

constexpr char const* override_name = "PARTITA_RANKS_PER_NODE";

/// What rank 0's environment says, or no limit. Collective.
int ranks_per_node_at_most(Communicator const& comm) {
    int const most = collectively(comm, override_name, [&] {
        char const* const text = std::getenv(override_name);
        if (!comm.is_root() || !text || !*text) return std::numeric_limits<int>::max();
        std::string_view const digits(text);
        int value = 0;
        auto const [end, code] =
            std::from_chars(digits.data(), digits.data() + digits.size(), value);
        check(code == std::errc() && end == digits.data() + digits.size() && value > 0,
              "expected a number of ranks, at least 1, got \"{}\"", digits);
        return value;
    });
    return comm.broadcast(most);
}

/// The ranks of `comm` whose memory this rank can share, ascending. Collective.
std::vector<int> ranks_that_share_memory(Communicator const& comm) {
    MPI_Comm machine = MPI_COMM_NULL;
    check_mpi(MPI_Comm_split_type(comm.handle(), MPI_COMM_TYPE_SHARED, comm.rank(), MPI_INFO_NULL,
                                  &machine),
              "MPI_Comm_split_type");
    int size = 0;
    check_mpi(MPI_Comm_size(machine, &size), "MPI_Comm_size");
    std::vector<int> ranks(static_cast<std::size_t>(size));
    int const rank = comm.rank();
    check_mpi(MPI_Allgather(&rank, 1, MPI_INT, ranks.data(), 1, MPI_INT, machine), "MPI_Allgather");
    check_mpi(MPI_Comm_free(&machine), "MPI_Comm_free");
    return ranks;
}

}  // namespace

Topology::Topology(Communicator const& comm) : on_node_(comm) {
    int const most = ranks_per_node_at_most(comm);
    std::vector<int> const machine = ranks_that_share_memory(comm);
    ranks_on_machine_ = static_cast<int>(machine.size());
    int place = 0;
    while (machine[static_cast<std::size_t>(place)] != comm.rank()) ++place;
    int const leader = machine[static_cast<std::size_t>(place - place % most)];

    on_node_ = comm.split(leader);
    Communicator const alike = comm.split(is_node_leader() ? 0 : 1);
    if (is_node_leader()) leaders_.push_back(alike);
    nodes_ = on_node_.broadcast(alike.size());
    node_ = on_node_.broadcast(alike.rank());
}

}  // namespace partita
