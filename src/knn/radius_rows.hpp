#pragma once

#include "partita/knn/batch_searcher.hpp"

#include <cstdint>
#include <optional>

namespace partita::knn {

/// Finds all neighbours within a radius, and learns how many queries' fit the memory.
class RadiusRows {
  public:
    /// @param memory_bytes  For one call's results and the searches' working memory.
    RadiusRows(BatchSearcher const& index, double radius, SearchOptions const& options,
               std::int64_t memory_bytes);

    /// The neighbours of this rank's queries; nothing, on all ranks, when the results of some
    /// rank's would not fit its memory and one has more than one query. Collective.
    std::optional<NeighborRows> find(MatrixView queries);

    /// Queries of a rank whose results fit, by what was found so far. Rank-local.
    std::int64_t fitting_queries() const;

  private:
    void learn(NeighborRows const& rows);

    BatchSearcher const& index_;
    double radius_;
    SearchOptions options_;
    std::int64_t memory_bytes_;
    double mean_ = 32;  ///< Neighbours of a query.
};

}  // namespace partita::knn
