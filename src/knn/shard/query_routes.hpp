#pragma once

#include "knn/ranked_neighbors.hpp"
#include "knn/shard/ivf_shard.hpp"

#include "partita/comm/all_to_all.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace partita::knn {

/// Which of this rank's queries travel to which ranks, and what they look into there. A query goes
/// to a rank once, however many of its lists that rank owns.
class QueryRoutes {
  public:
    /// To the owners of the lists that are probed.
    /// @param probes  Lists of each query: queries x nprobe.
    QueryRoutes(std::span<std::int32_t const> probes, std::int64_t nprobe,
                ListPlacement const& placement);
    /// All queries to all ranks that own anything; there are no visits.
    QueryRoutes(std::int64_t queries, ListPlacement const& placement);

    /// The queries that go to each rank, by rank, ascending: numbers among this rank's.
    std::span<std::int32_t const> queries() const { return queries_; }
    std::span<std::int64_t const> queries_to() const { return queries_to_; }
    /// Visits by rank; their queries are numbered as they arrive there.
    std::span<Visit const> visits() const { return visits_; }
    std::span<std::int64_t const> visits_to() const { return visits_to_; }

    /// The vectors of queries(), in their order.
    Matrix pack(MatrixView vectors) const;

    /// Merge what came back: rows by rank, as queries().
    RankedNeighbors merge(std::span<RankedNeighbor const> found, std::int64_t own_queries,
                          std::int64_t k, int threads) const;

    /// The same of rows of any length. @param counts  Of each row.
    NeighborRows merge_all(std::span<RankedNeighbor const> found,
                           std::span<std::int64_t const> counts, std::int64_t own_queries,
                           Metric metric) const;

  private:
    std::vector<std::int32_t> queries_;
    std::vector<std::int64_t> queries_to_, visits_to_;
    std::vector<Visit> visits_;
};

/// Number the visits' queries as they lie in one block, where those of each rank follow those of
/// the ranks before it.
void number_throughout(std::span<Visit> visits, std::span<std::int64_t const> visits_from,
                       std::span<std::int64_t const> queries_from);

}  // namespace partita::knn
