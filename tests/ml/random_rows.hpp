#pragma once

#include "partita/core/random.hpp"
#include "partita/ml/training_set.hpp"

#include <cmath>
#include <optional>
#include <vector>

namespace partita::test {

inline double uniform(RandomStream& random) {
    return static_cast<double>(random() >> 11) * 0x1p-53 * 2 - 1;
}

/// Rows that every rank holds, of which ranks take shares of very different sizes.
struct Rows {
    std::int64_t n = 0, d = 0;
    std::vector<double> x, y, weights;

    Rows(std::int64_t rows, std::int64_t features, std::uint64_t seed) : n(rows), d(features) {
        RandomStream random(seed, 0);
        for (std::int64_t i = 0; i < n * d; ++i) x.push_back(uniform(random));
        for (std::int64_t i = 0; i < n; ++i) {
            double score = 0.3 + 0.5 * uniform(random);
            for (std::int64_t j = 0; j < d; ++j) score += static_cast<double>(j % 3 - 1) * at(i, j);
            y.push_back(score);
        }
    }

    double& at(std::int64_t i, std::int64_t j) { return x[static_cast<std::size_t>(i * d + j)]; }
    double at(std::int64_t i, std::int64_t j) const {
        return x[static_cast<std::size_t>(i * d + j)];
    }

    /// Labels become class numbers.
    void classify(int classes) {
        for (double& label : y)
            label = std::clamp(std::floor(label * 1.5 + classes / 2), 0.0,
                               static_cast<double>(classes - 1));
    }

    /// Spread over the ranks of `comm`, in blocks of 16 rows.
    ml::DenseTrainingSet spread(Communicator const& comm) const {
        std::int64_t const p = comm.size(), r = comm.rank();
        RowRange const mine{n * r * r / (p * p), n * (r + 1) * (r + 1) / (p * p)};
        auto const part = [&](std::vector<double> const& values) {
            return values.empty()
                       ? std::span<double const>{}
                       : std::span(values).subspan(static_cast<std::size_t>(mine.first),
                                                   static_cast<std::size_t>(mine.size()));
        };
        return {comm, ml::Reals(x.data() + mine.first * d, mine.size(), d), part(y), part(weights),
                16};
    }
};

}  // namespace partita::test
