#pragma once

#include "partita/knn/batch_searcher.hpp"

#include <cstdint>
#include <optional>

namespace partita::knn {

/// Finds all neighbours within a radius: in one pass where the index can, else by searches for the
/// k nearest with a k that grows.
class RadiusRows {
  public:
    /// @param memory_bytes  For one call's results and the searches' working memory.
    RadiusRows(Communicator const& comm, BatchSearcher const& index, double radius,
               SearchOptions const& options, std::int64_t memory_bytes);

    /// The neighbours of this rank's queries; nothing, on all ranks, when the results of some
    /// rank's would not fit its memory and one has more than one query. Collective.
    std::optional<NeighborRows> find(MatrixView queries);

    /// Queries of a rank whose results fit, by what was found so far. Rank-local.
    std::int64_t fitting_queries() const;

  private:
    struct Found;

    std::optional<NeighborRows> find_nearest(MatrixView queries);
    std::int64_t queries_at_once(std::int64_t k) const;
    bool search_pending(MatrixView queries, std::int64_t k, Found& found) const;
    void take(Neighbors const& nearest, std::int64_t i, std::int64_t query, Found& found) const;
    void decide_border(MatrixView queries, Found& found) const;
    void learn(NeighborRows const& rows);

    Communicator const& comm_;
    BatchSearcher const& index_;
    double radius_;
    SearchOptions options_;
    std::int64_t memory_bytes_;
    std::int64_t first_k_ = 32;
    double mean_ = 32;  ///< Neighbours of a query.
};

}  // namespace partita::knn
