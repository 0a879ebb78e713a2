#pragma once

#include "partita/knn/search.hpp"

#include <optional>

namespace partita::knn {

/// search_all with each pair of vectors scored once (see SelfJoin): ranks take tasks from a queue,
/// whoever is free next; then the candidates that they found for all vectors go, some rows at a
/// time, to the ranks that write them, and are merged.
///
/// Collective. See SearchJobOptions::each_pair_once.
/// @return  Nothing, on all ranks, when an earlier job has done a part, or float32 cannot score all
///          vectors.
std::optional<SearchReport> search_pairs(Communicator const& comm, BatchSearcher const& index,
                                         IdTable const& ids, QuerySet const& queries,
                                         ResultWriter& writer, SearchJobOptions const& options);

}  // namespace partita::knn
