#pragma once

#include "frame/join/join_plan.hpp"
#include "frame/join/key_filter.hpp"

#include "partita/dataset/piece_store.hpp"

#include <memory>

namespace partita::frame {

/// Join two tables that are both large. Collective; returns a settled store with the left table's
/// partitions, in the order of the left rows.
///
/// Left rows stay where they are. Their keys and places travel to the partition of the keys' hash,
/// where the right rows come as well; what these give to a left row travels back to its place.
/// @param left    Kept, its partitions in one run.
/// @param right   Of plan.right.
/// @param filter  Of the left keys.
std::shared_ptr<dataset::PieceStore> shuffled_join(Table const& left, Table const& right,
                                                   JoinPlanRef const& plan,
                                                   KeyFilter const& filter);

}  // namespace partita::frame
