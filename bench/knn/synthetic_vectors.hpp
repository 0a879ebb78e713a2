#pragma once

#include "partita/core/buffer.hpp"
#include "partita/core/random.hpp"

#include <cstdint>

namespace partita::bench {

/// Vectors as embeddings tend to be: overlapping Gaussian clusters, each in a subspace of 16
/// dimensions, plus a little noise. Row i is a function of (seed, i) alone.
class SyntheticVectors {
  public:
    SyntheticVectors(std::int64_t dim, std::uint64_t seed)
        : dim_(dim), seed_(seed), axes_(clusters * (inner_dim + 1), dim) {
        RandomStream random(seed, 0);
        for (std::int64_t i = 0; i < axes_.rows(); ++i)
            for (std::int64_t p = 0; p < dim; ++p)
                axes_.row(i)[p] = static_cast<float>(random.normal());
    }

    /// Rows [first, first + rows).
    Matrix rows(std::int64_t first, std::int64_t rows) const {
        Matrix out(rows, dim_);
#pragma omp parallel for
        for (std::int64_t i = 0; i < rows; ++i) fill(first + i, out.row(i));
        return out;
    }

  private:
    static constexpr std::int64_t clusters = 400, inner_dim = 16;

    void fill(std::int64_t index, float* row) const {
        RandomStream random(seed_, static_cast<std::uint64_t>(index) + 1);
        auto const cluster = static_cast<std::int64_t>(random.below(clusters)) * (inner_dim + 1);
        for (std::int64_t p = 0; p < dim_; ++p)
            row[p] = axes_.row(cluster)[p] + 0.1f * static_cast<float>(random.normal());
        for (std::int64_t axis = 1; axis <= inner_dim; ++axis) {
            auto const weight = static_cast<float>(random.normal());
            for (std::int64_t p = 0; p < dim_; ++p)
                row[p] += weight * axes_.row(cluster + axis)[p] * 0.4f;
        }
    }

    std::int64_t dim_;
    std::uint64_t seed_;
    Matrix axes_;  ///< For each cluster its centre, then the directions it extends in.
};

}  // namespace partita::bench
