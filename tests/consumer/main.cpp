#include "partita/comm/all_to_all.hpp"
#include "partita/comm/run_app.hpp"
#include "partita/core/buffer.hpp"
#include "partita/core/error.hpp"
#include "partita/knn/exact_search.hpp"

#include <cstdint>
#include <numeric>
#include <vector>

namespace {

/// Every rank sends its number to every rank.
void check_exchange(partita::Communicator const& comm) {
    auto const size = static_cast<std::size_t>(comm.size());
    std::vector<int> const items(size, comm.rank());
    std::vector<std::int64_t> const counts(size, 1);
    auto const received = partita::all_to_all<int>(comm, items, counts);
    std::vector<int> expected(size);
    std::iota(expected.begin(), expected.end(), 0);
    auto const got = received.items();
    partita::check(std::vector<int>(got.begin(), got.end()) == expected,
                   "exchange: expected the numbers of all {} ranks", size);
}

/// Points on a line: the nearest of each is itself, then its left neighbour or, first, its right.
void check_search() {
    std::int64_t const n = 10;
    partita::Matrix points(n, 2);
    for (std::int64_t i = 0; i < n; ++i)
        points.row(i)[0] = points.row(i)[1] = static_cast<float>(i);
    auto const found =
        partita::knn::exact_search(points.view(), points.view(), 2, partita::knn::Metric::l2);
    for (std::int64_t i = 0; i < n; ++i) {
        std::int64_t const* const nearest = found.positions.row(i);
        partita::check(nearest[0] == i && nearest[1] == (i == 0 ? 1 : i - 1),
                       "search: point {}: expected itself and a neighbour, got {} and {}", i,
                       nearest[0], nearest[1]);
    }
}

}  // namespace

int main(int argc, char** argv) {
    return partita::run_app(argc, argv, [](partita::Communicator const& comm) {
        check_search();
        check_exchange(comm);
        return 0;
    });
}
