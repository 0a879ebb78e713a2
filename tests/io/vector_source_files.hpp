#pragma once

#include "support/error_message.hpp"

#include "partita/comm/communicator.hpp"
#include "partita/core/row_range.hpp"
#include "partita/io/vector_source.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace partita::io {

// Files of known numbers, and a look at what a source makes of them.

inline Communicator world() { return Communicator::world(); }

inline float value_at(std::int64_t row, std::int64_t column) {
    return static_cast<float>(row) + 0.25f * static_cast<float>(column);
}

inline std::vector<float> values_of(std::int64_t rows, std::int64_t dim) {
    std::vector<float> values;
    for (std::int64_t i = 0; i < rows; ++i)
        for (std::int64_t j = 0; j < dim; ++j) values.push_back(value_at(i, j));
    return values;
}

inline std::string fvecs_bytes(std::int64_t rows, std::int32_t dim) {
    std::string bytes;
    for (std::int64_t i = 0; i < rows; ++i) {
        bytes.append(reinterpret_cast<char const*>(&dim), sizeof dim);
        for (std::int64_t j = 0; j < dim; ++j) {
            float const value = value_at(i, j);
            bytes.append(reinterpret_cast<char const*>(&value), sizeof value);
        }
    }
    return bytes;
}

inline std::string csv_text(std::int64_t rows, std::int64_t dim, bool with_ids) {
    std::string text = with_ids ? "id" : "";
    for (std::int64_t j = 0; j < dim; ++j) text += (text.empty() ? "c" : ",c") + std::to_string(j);
    for (std::int64_t i = 0; i < rows; ++i) {
        text += '\n' + (with_ids ? "row" + std::to_string(i) + "," : std::string());
        for (std::int64_t j = 0; j < dim; ++j)
            text += (j > 0 ? "," : "") + std::to_string(value_at(i, j));
    }
    return text + '\n';
}

/// Reads this rank's share in two parts, and single rows of others' shares.
inline void expect_values(VectorSource const& source, std::int64_t rows, std::int64_t dim) {
    EXPECT_EQ(source.rows(), rows);
    EXPECT_EQ(source.dim(), dim);
    if (source.rows() != rows || source.dim() != dim) return;
    RowRange const mine = share_of(rows, world().size(), world().rank());
    std::int64_t const middle = mine.first + mine.size() / 3;
    for (auto const& [first, last] : {std::pair{mine.first, middle},
                                      {middle, mine.last},
                                      {rows - 1, rows},
                                      {std::int64_t{0}, std::int64_t{1}}}) {
        Matrix const part = source.read(first, last);
        for (std::int64_t i = first; i < last; ++i)
            for (std::int64_t j = 0; j < dim; ++j)
                EXPECT_EQ(part.row(i - first)[j], value_at(i, j)) << i << " " << j;
    }
}

inline std::string message_of(std::string const& spec, VectorOptions const& options = {}) {
    return test::error_message([&] { VectorSource::open(world(), spec, options); });
}

}  // namespace partita::io
