#pragma once

#include "partita/knn/metric.hpp"
#include "partita/knn/neighbors.hpp"
#include "partita/knn/search.hpp"

#include <cstdint>
#include <span>

namespace partita::knn {

/// Count what a query that is a vector of the index says about it: does it find itself?
///
/// @param vector  The query.  @param self  Its position in the index; -1 = it is none of its.
/// @param found   Whose row q holds its neighbours, itself among them.
void count_self(Metric metric, std::span<float const> vector, std::int64_t self,
                Neighbors const& found, std::int64_t q, SearchReport& report);

/// Row q of `from` (k + 1 neighbours) without `self`, or else without the last, to row q of `to`.
void drop_self(Neighbors const& from, std::int64_t q, std::int64_t self, Neighbors& to);

}  // namespace partita::knn
