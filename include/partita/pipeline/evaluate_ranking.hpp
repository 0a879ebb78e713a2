#pragma once

#include "partita/frame/table.hpp"

#include <cstdint>
#include <string>

namespace partita::pipeline {

/// Means over the queries that have a relevant item.
struct RankingMetrics {
    std::int64_t queries = 0;           ///< With a relevant item.
    std::int64_t without_relevant = 0;  ///< Queries left out for having none.
    double mean_average_precision = 0;  ///< Over all items of a query.
    double mean_reciprocal_rank = 0;
    double precision = 0, recall = 0, ndcg = 0;  ///< Of the first k items; MLlib's ...AtK.
};

/// Items are ranked within each query by falling score (ties in the table's order). NDCG counts
/// relevance as 0 or 1, divided by log2(rank + 1).
///
/// Collective. The rows of a query come together on one rank, one query in memory at a time.
/// @param query, score, relevant  Columns: any type; a number; a number or bool, above 0 =
/// relevant.
/// @param k                       At least 1.
/// @throws CollectiveError: no such column, a null or NaN score.
RankingMetrics evaluate_ranking(frame::Table const& table, std::string const& query,
                                std::string const& score, std::string const& relevant,
                                std::int64_t k = 10);

}  // namespace partita::pipeline
