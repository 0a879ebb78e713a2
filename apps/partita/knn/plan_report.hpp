#pragma once

#include "cli/session.hpp"

#include "partita/knn/node_index.hpp"
#include "partita/knn/plan.hpp"

#include <cstdint>
#include <string>

namespace partita::cli {

/// How long a search may take: predicted, and told by how fast the ranks scan right now.
///
/// Collective.
/// @param shape  Of the search; for flat and ivf.
/// @param rounds  How it is cut, or empty where that is not known yet.
/// @return        Seconds; 0 = not known for this type.
/// @throws CollectiveError when that is more than `max_seconds`.
double predict_or_refuse(Session const& session, knn::JobShape const& shape,
                         knn::RoundPlan const& rounds, bool read_in_order,
                         std::int64_t max_seconds);

/// The shape of a search of an index.
knn::JobShape shape_of(knn::IndexInfo const& info, std::int64_t queries, std::int64_t effort);

/// "index 1.2 GiB, queries 8 MiB, working 100 MiB, results 20 MiB a rank; 3 rounds of 65,536
/// queries; about 2 min".
std::string describe_plan(knn::RoundPlan const& plan, std::int64_t index_bytes,
                          std::int64_t queries, int ranks, double seconds);

/// One line on where the index is and why, one on memory, rounds and time.
void report_plan(Session const& session, knn::NodeIndex const& node, knn::RoundPlan const& plan,
                 std::int64_t queries, double seconds);

/// The same where each pair of vectors is scored once, with candidates of all of them in memory.
void report_pairs_plan(Session const& session, knn::NodeIndex const& node,
                       std::int64_t candidate_bytes, double seconds);

}  // namespace partita::cli
