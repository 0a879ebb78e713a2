#pragma once

#include "knn/build/builders.hpp"

#include <cstdint>
#include <vector>

namespace partita::knn {

/// This rank's part of a random sample of the source's rows.
struct Sample {
    Matrix points;
    std::vector<std::int64_t> rows;  ///< Their global row numbers.
};

/// Rank-local: those of `mine` that belong to a sample of about `wanted` of all rows. Whether a row
/// belongs depends on the seed and its number alone, not on the ranks. Rows are drawn in runs of
/// 16, so that a small sample of a large file does not read it all.
Sample read_sample(io::VectorSource const& source, RowRange mine, std::int64_t wanted,
                   std::uint64_t seed, Metric metric);

}  // namespace partita::knn
