#include "partita/comm/memory_budget.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/bytes.hpp"
#include "partita/core/memory.hpp"

namespace partita {

namespace {

constexpr int usable_percent = 80;  // the rest is for MPI, libraries, the page cache

std::string size(std::int64_t bytes) { return format_bytes(static_cast<double>(bytes)); }

void check_given(std::int64_t per_rank, NodeMemory const& memory, int ranks,
                 std::int64_t least_bytes) {
    check(per_rank >= least_bytes, "expected at least {} per rank, got {}", size(least_bytes),
          size(per_rank));
    check(per_rank <= memory.total_bytes / ranks,
          "expected at most {} per rank ({} of {} over {} {}), got {}",
          size(memory.total_bytes / ranks), size(memory.total_bytes), memory.limited_by, ranks,
          ranks == 1 ? "rank" : "ranks", size(per_rank));
}

MemoryBudget share_of_memory(NodeMemory const& memory, int ranks, std::int64_t least_bytes) {
    MemoryBudget budget;
    budget.per_rank_bytes = memory.available_bytes / 100 * usable_percent / ranks;
    budget.origin =
        fmt::format("{} % of {} ({}) over {} {}", usable_percent, size(memory.available_bytes),
                    memory.limited_by, ranks, ranks == 1 ? "rank" : "ranks");
    check(budget.per_rank_bytes >= least_bytes, "expected at least {} per rank, got {}: {}",
          size(least_bytes), size(budget.per_rank_bytes), budget.origin);
    return budget;
}

}  // namespace

MemoryBudget memory_budget(Communicator const& comm, Topology const& topology,
                           std::optional<std::int64_t> per_rank, std::int64_t least_bytes) {
    MemoryBudget budget = collectively(comm, "memory", [&] {
        int const ranks = topology.ranks_on_machine();
        NodeMemory const memory = node_memory();
        if (!per_rank) return share_of_memory(memory, ranks, least_bytes);
        check_given(*per_rank, memory, ranks, least_bytes);
        return MemoryBudget{*per_rank, 0, "given"};
    });
    std::int64_t const least = comm.all_reduce(budget.per_rank_bytes, Reduce::min);
    bool const decides = budget.per_rank_bytes == least;
    int const source = comm.all_reduce(decides ? comm.rank() : comm.size(), Reduce::min);
    budget.origin = comm.broadcast(budget.origin, source);
    budget.per_rank_bytes = least;
    budget.per_node_bytes = least * topology.ranks_on_node();
    return budget;
}

}  // namespace partita
