#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/knn/batch_searcher.hpp"
#include "partita/knn/query_set.hpp"

#include <cstdint>
#include <vector>

namespace partita::knn {

struct TuneOptions {
    double recall = 0.95;  ///< Wanted recall@k, 0 < recall <= 1.
    std::int64_t k = 10;
    std::int64_t sample = 1000;  ///< Queries to measure on.
    std::uint64_t seed = 0;
    int threads = 0;
    std::int64_t workspace_bytes = 0;
};

/// What tuning found; the same on every rank.
struct Tuning {
    std::int64_t effort = 0;  ///< nprobe or efSearch; 0 for an index without such a setting.
    double recall = 0;        ///< Measured at that effort, on the sample.
    double margin = 0;        ///< Twice the standard error of that recall.
    std::int64_t sample = 0;  ///< Queries measured.
    std::vector<OperatingPoint> curve;  ///< All that was measured, by effort.
};

/// The smallest effort whose measured recall, less its margin, reaches the wanted one.
///
/// Collective. Exact neighbours of a random sample of the queries come from the index itself;
/// the sample is a function of seed and queries, and each rank measures its share of it. Queries
/// that are vectors of the index do not count themselves as neighbours.
/// When no effort reaches the wanted recall, the largest is returned with its recall.
/// @throws CollectiveError for an index that cannot search exactly.
Tuning tune(Communicator const& comm, BatchSearcher const& index, QuerySet const& queries,
            TuneOptions const& options);

/// Measure one effort on a sample that differs from tune's for the same seed.
/// Collective. Returns (recall, margin).
Tuning measure_recall(Communicator const& comm, BatchSearcher const& index, QuerySet const& queries,
                      std::int64_t effort, TuneOptions const& options);

}  // namespace partita::knn
