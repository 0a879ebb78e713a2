#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/io/partial_output.hpp"
#include "partita/knn/search.hpp"

namespace partita::knn {

/// The counts of all ranks. Collective.
void add_up_counts(Communicator const& comm, SearchReport& report);

/// Counts into the next record of a job, and out of that of the job before.
void keep_counts(SearchReport const& report, io::PartialOutput& partial);
void restore_counts(io::PartialOutput const& partial, SearchReport& report);

}  // namespace partita::knn
