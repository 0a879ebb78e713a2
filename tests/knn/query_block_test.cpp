#include "knn/query_block.hpp"

#include "knn/neighbors_match.hpp"
#include "support/knn_oracle.hpp"

#include "partita/core/row_range.hpp"

#include <atomic>
#include <numeric>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace partita::knn {
namespace {

constexpr std::int64_t dim = 10;

MatrixView view(std::vector<float> const& values) {
    return {values.data(), std::ssize(values) / dim, dim};
}

/// Which rows each query sees, and which positions they have.
struct Case {
    std::vector<float> base = test::integer_vectors(4000, dim, 1);
    std::vector<float> queries = test::integer_vectors(50, dim, 2);
    std::vector<std::int64_t> positions;

    Case() : positions(4000) {  // any order that is not the rows' own
        for (std::size_t i = 0; i < 4000; ++i)
            positions[i] = static_cast<std::int64_t>(i * 7 % 4000);
    }

    /// Rows come in 40 lists of 100; a query sees a list if the pair's hash says so.
    static bool sees(std::int64_t query, std::int64_t list) { return (query * 31 + list * 17) % 3; }
    static std::vector<std::int32_t> viewers(std::int64_t list) {
        std::vector<std::int32_t> queries;
        for (std::int32_t q = 49; q >= 0; --q)
            if (sees(q, list)) queries.push_back(q);
        return queries;
    }

    void scan_list(QueryBlock& block, std::int64_t list, ScanWorkspace& workspace) const {
        block.scan(view(base).slice(list * 100, list * 100 + 100),
                   {positions.data() + list * 100, 0}, viewers(list), workspace);
    }

    Neighbors expected(std::int64_t k) const {
        Neighbors out(50, k);
        for (std::int64_t q = 0; q < 50; ++q) {
            std::vector<std::pair<long double, std::int64_t>> all;
            for (std::int64_t i = 0; i < 4000; ++i)
                if (sees(q, i / 100))
                    all.emplace_back(test::oracle_distance(Metric::l2, view(queries).row_data(q),
                                                           view(base).row_data(i), dim),
                                     positions[static_cast<std::size_t>(i)]);
            std::sort(all.begin(), all.end());
            for (std::int64_t i = 0; i < k; ++i) {
                out.positions.row(q)[i] = all[static_cast<std::size_t>(i)].second;
                out.distances.row(q)[i] =
                    static_cast<float>(all[static_cast<std::size_t>(i)].first);
            }
        }
        return out;
    }
};

TEST(QueryBlock, SubsetsSeeTheirListsOnly) {
    Case const lists;
    for (std::int64_t const k : {1, 10, 300}) {
        QueryBlock block(view(lists.queries), k, Metric::l2, choose_centre(view(lists.base)));
        ScanWorkspace workspace(dim, k);
        for (std::int64_t list = 0; list < 40; ++list) lists.scan_list(block, list, workspace);
        Neighbors got(50, k);
        block.finish(got, 0);
        test::expect_same_neighbors(got, lists.expected(k));
    }
}

TEST(QueryBlock, ConcurrentScansGiveTheSameResult) {
    Case const lists;
    auto const expected = lists.expected(20);
    for (int repetition = 0; repetition < 10; ++repetition) {
        QueryBlock block(view(lists.queries), 20, Metric::l2);
        std::atomic<std::int64_t> next{0};
        std::vector<std::thread> team;
        for (int t = 0; t < 4; ++t)
            team.emplace_back([&] {
                ScanWorkspace workspace(dim, 20);
                for (std::int64_t list = next++; list < 40; list = next++)
                    lists.scan_list(block, list, workspace);
            });
        for (auto& thread : team) thread.join();
        Neighbors got(50, 20);
        block.finish(got, 0, 2);
        test::expect_same_neighbors(got, expected);
    }
}

TEST(QueryBlock, WritesToItsPlaceAndPads) {
    Case const lists;
    QueryBlock block(view(lists.queries).slice(0, 2), 3, Metric::l2);
    ScanWorkspace workspace(dim, 3);
    std::vector<std::int32_t> const second{1};
    block.scan(view(lists.base).slice(0, 2), {nullptr, 70}, second, workspace);
    Neighbors out(4, 5);
    std::fill_n(out.positions.data(), 20, -7);
    block.finish(out, 1);
    EXPECT_EQ(out.positions.row(0)[0], -7);
    EXPECT_EQ(out.positions.row(1)[0], -1);
    EXPECT_GE(out.positions.row(2)[0], 70);
    EXPECT_GE(out.positions.row(2)[1], 70);
    for (int i = 2; i < 5; ++i) {
        EXPECT_EQ(out.positions.row(2)[i], -1);
        EXPECT_EQ(out.distances.row(2)[i], std::numeric_limits<float>::infinity());
    }
    EXPECT_EQ(out.positions.row(3)[0], -7);
}

TEST(QueryBlock, AnEmptySubsetSeesNothing) {
    Case const lists;
    QueryBlock block(view(lists.queries), 3, Metric::l2);
    ScanWorkspace workspace(dim, 3);
    block.scan(view(lists.base), {}, {}, workspace);
    Neighbors out(50, 3);
    block.finish(out, 0);
    EXPECT_EQ(out.positions.row(0)[0], -1);
}

TEST(ChooseCentre, FindsTheOffsetAndIgnoresAbsurdRows) {
    auto base = test::normal_vectors(3000, dim, 5);
    for (float& value : base) value += 1000;
    auto centre = choose_centre(view(base));
    ASSERT_EQ(std::ssize(centre), dim);
    for (float const value : centre) EXPECT_NEAR(value, 1000, 1);
    base[dim * 3] = 1e30f;
    EXPECT_TRUE(choose_centre(view(base)).empty());
    EXPECT_TRUE(choose_centre({nullptr, 0, dim}).empty());
}

}  // namespace
}  // namespace partita::knn
