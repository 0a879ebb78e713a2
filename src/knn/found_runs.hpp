#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/core/row_range.hpp"
#include "partita/knn/neighbors.hpp"

#include <vector>

namespace partita::knn {

/// The neighbours of a run of queries.
struct FoundRun {
    RowRange queries;
    Neighbors found;
};

/// Bring neighbours to the ranks that write them: rank r gets those of share r of `round`.
///
/// Collective. Together the ranks' runs hold each query of the round once; each rank's own are
/// ascending, all of k neighbours.
Neighbors bring_to_writers(Communicator const& comm, std::vector<FoundRun> const& runs,
                           RowRange round, std::int64_t k);

/// This rank's share of a run of queries.
RowRange part_of_round(Communicator const& comm, RowRange round);

}  // namespace partita::knn
