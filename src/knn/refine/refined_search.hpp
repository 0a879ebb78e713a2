#pragma once

#include "partita/knn/search.hpp"

namespace partita::knn {

/// search_all with rounds of refinement (see ListRefiner): ranks take runs of queries from a queue,
/// whoever is free next, and keep what they find in lists that their node has once and that nodes
/// exchange; then, in each round, runs of vectors whose lists they make better; then they write.
///
/// Collective. See SearchJobOptions::refinements. What an earlier job has written is left out of
/// the writing alone.
SearchReport search_refined(Communicator const& comm, BatchSearcher const& index,
                            IdTable const& ids, QuerySet const& queries, ResultWriter& writer,
                            SearchJobOptions const& options);

}  // namespace partita::knn
