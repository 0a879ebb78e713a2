#include "partita/knn/neighbors.hpp"

#include "partita/core/error.hpp"

#include <algorithm>
#include <limits>

namespace partita::knn {

NeighborRows without_padding(Neighbors const& found) {
    NeighborRows rows;
    auto const most = static_cast<std::size_t>(found.queries() * found.k());
    rows.ends.reserve(static_cast<std::size_t>(found.queries()));
    rows.positions.reserve(most);
    rows.distances.reserve(most);
    for (std::int64_t q = 0; q < found.queries(); ++q) {
        for (std::int64_t j = 0; j < found.k() && found.positions.row(q)[j] >= 0; ++j)
            rows.add(found.positions.row(q)[j], found.distances.row(q)[j]);
        rows.end_query();
    }
    return rows;
}

Neighbors padded(NeighborRows const& found, std::int64_t k) {
    Neighbors result(found.queries(), k);
    for (std::int64_t q = 0; q < found.queries(); ++q) {
        std::int64_t const count = found.count_of(q);
        check(count <= k, "expected at most {} neighbours of a query, got {}", k, count);
        std::copy_n(found.positions_of(q).data(), count, result.positions.row(q));
        std::copy_n(found.distances_of(q).data(), count, result.distances.row(q));
        std::fill_n(result.positions.row(q) + count, k - count, -1);
        std::fill_n(result.distances.row(q) + count, k - count,
                    std::numeric_limits<float>::infinity());
    }
    return result;
}

}  // namespace partita::knn
