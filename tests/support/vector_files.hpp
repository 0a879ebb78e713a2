#pragma once

#include "partita/core/matrix_view.hpp"
#include "partita/core/random.hpp"

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

namespace partita::test {

/// Rows as .fvecs: each with its dimension in front.
inline void write_fvecs(std::string const& path, MatrixView rows) {
    std::ofstream out(path, std::ios::binary);
    auto const dim = static_cast<std::int32_t>(rows.cols);
    for (std::int64_t i = 0; i < rows.rows; ++i) {
        out.write(reinterpret_cast<char const*>(&dim), sizeof dim);
        out.write(reinterpret_cast<char const*>(rows.row_data(i)), dim * 4);
    }
}

/// Points around random centres, with every tenth point a copy of an earlier one.
inline std::vector<float> clustered_vectors(std::int64_t rows, std::int64_t dim,
                                            std::uint64_t seed) {
    RandomStream random(seed);
    std::int64_t const clusters = 1 + rows / 50;
    std::vector<float> centres(static_cast<std::size_t>(clusters * dim));
    for (float& x : centres) x = static_cast<float>(random.normal()) * 3;
    std::vector<float> values(static_cast<std::size_t>(rows * dim));
    for (std::int64_t i = 0; i < rows; ++i) {
        auto const n = static_cast<std::uint64_t>(i);
        std::int64_t const copied =
            i > 0 && i % 10 == 0 ? static_cast<std::int64_t>(random.below(n)) : -1;
        auto const centre =
            static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(clusters)));
        for (std::int64_t j = 0; j < dim; ++j)
            values[static_cast<std::size_t>(i * dim + j)] =
                copied >= 0 ? values[static_cast<std::size_t>(copied * dim + j)]
                            : centres[static_cast<std::size_t>(centre * dim + j)] +
                                  static_cast<float>(random.normal());
    }
    return values;
}

}  // namespace partita::test
