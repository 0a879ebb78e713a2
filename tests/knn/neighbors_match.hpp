#pragma once

#include "partita/knn/neighbors.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace partita::test {

/// Expect the same positions, and distances equal to within the last bits of a float.
inline void expect_same_neighbors(knn::Neighbors const& got, knn::Neighbors const& expected) {
    ASSERT_EQ(got.queries(), expected.queries());
    ASSERT_EQ(got.k(), expected.k());
    for (std::int64_t q = 0; q < got.queries(); ++q) {
        for (std::int64_t i = 0; i < got.k(); ++i) {
            ASSERT_EQ(got.positions.row(q)[i], expected.positions.row(q)[i])
                << "query " << q << ", neighbour " << i << ", distances " << got.distances.row(q)[i]
                << " and " << expected.distances.row(q)[i];
            ASSERT_FLOAT_EQ(got.distances.row(q)[i], expected.distances.row(q)[i])
                << "query " << q << ", neighbour " << i;
        }
    }
}

/// Expect the same bits.
inline void expect_identical_neighbors(knn::Neighbors const& a, knn::Neighbors const& b) {
    ASSERT_EQ(a.positions.view().size(), b.positions.view().size());
    for (std::int64_t i = 0; i < a.positions.view().size(); ++i) {
        ASSERT_EQ(a.positions.data()[i], b.positions.data()[i]) << "element " << i;
        ASSERT_EQ(a.distances.data()[i], b.distances.data()[i]) << "element " << i;
    }
}

}  // namespace partita::test
