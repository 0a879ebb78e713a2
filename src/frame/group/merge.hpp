#pragma once

#include "frame/group/fold.hpp"
#include "frame/group/partition_runs.hpp"

#include "partita/dataset/piece_store.hpp"

#include <cstdint>

namespace partita::frame {

/// Positions order rows over the table: by partition, then by place in it. What a partition sends
/// row by row comes behind what it folded.
constexpr int partition_shift = 40;
constexpr std::int64_t sent_rows_begin = std::int64_t{1} << 39;

/// The two kinds of what is sent.
struct GroupStores {
    explicit GroupStores(dataset::Context const& context) : partials(context), rows(context) {}
    dataset::PieceStore partials, rows;
};

/// Merge what came to this rank, run by run, into results by partition. Rank-local.
void merge_groups(dataset::Context const& context, GroupPlanRef const& plan,
                  GroupStores const& stores, PartitionRuns const& runs,
                  dataset::PieceStore& results);

}  // namespace partita::frame
