#pragma once

#include "frame/join/join_plan.hpp"

#include "partita/dataset/piece_store.hpp"

#include <cstdint>
#include <memory>

namespace partita::frame {

/// Put the rows of one partition of the left table beside what they were matched with, in their
/// order, into the same partition of `results`. Rank-local; called by several threads.
/// @param matches  Rows of plan.matches; settled.
void merge_matches(JoinPlanRef const& plan, Table const& left,
                   std::shared_ptr<dataset::PieceStore const> matches, std::int64_t partition,
                   dataset::PieceStore& results);

}  // namespace partita::frame
