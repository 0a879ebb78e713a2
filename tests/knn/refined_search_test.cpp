#include "knn/refine/neighbor_lists.hpp"
#include "knn/search_job_case.hpp"
#include "support/scoped_env.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/io/hdf5_reader.hpp"
#include "partita/knn/distance.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

namespace partita::knn {
namespace {

constexpr std::int64_t kept = 11, most_links = 16;

struct Lists {
    Neighbors found;

    std::vector<std::int64_t> of(std::int64_t row) const {
        std::vector<std::int64_t> list;
        for (std::int64_t j = 0; j < found.k() && found.positions.row(row)[j] >= 0; ++j)
            list.push_back(found.positions.row(row)[j]);
        return list;
    }
};

/// Whom each vector is linked with, by the definition.
std::vector<std::vector<std::int64_t>> links_of(Lists const& lists) {
    std::int64_t const rows = lists.found.queries(), breadth = std::min(kept, most_links);
    std::vector<std::vector<std::int64_t>> links;
    std::vector<std::vector<std::pair<float, std::int64_t>>> listed_by(
        static_cast<std::size_t>(rows));
    for (std::int64_t row = 0; row < rows; ++row) {
        auto list = lists.of(row);
        list.resize(std::min(list.size(), static_cast<std::size_t>(breadth)));
        for (std::size_t j = 0; j < list.size(); ++j)
            listed_by[static_cast<std::size_t>(list[j])].emplace_back(
                lists.found.distances.row(row)[j], row);
        links.push_back(list);
    }
    for (std::int64_t row = 0; row < rows; ++row) {
        auto& mine = links[static_cast<std::size_t>(row)];
        auto& others = listed_by[static_cast<std::size_t>(row)];
        std::erase_if(others, [&](auto const& one) {
            return std::find(mine.begin(), mine.end(), one.second) != mine.end() ||
                   one.second == row;
        });
        std::sort(others.begin(), others.end());
        std::erase(mine, row);
        for (std::size_t j = 0; j < others.size() && std::cmp_less(j, breadth); ++j)
            mine.push_back(others[j].second);
    }
    return links;
}

Lists refined(Lists const& lists, MatrixView vectors, Metric metric) {
    auto const links = links_of(lists);
    Lists better{Neighbors(vectors.rows, kept)};
    for (std::int64_t row = 0; row < vectors.rows; ++row) {
        std::set<std::int64_t> candidates{row};
        for (std::int64_t known : lists.of(row)) candidates.insert(known);
        for (std::int64_t link : links[static_cast<std::size_t>(row)]) {
            candidates.insert(link);
            for (std::int64_t next : links[static_cast<std::size_t>(link)]) candidates.insert(next);
        }
        std::vector<std::pair<double, std::int64_t>> ranked;
        for (std::int64_t other : candidates)
            ranked.emplace_back(
                rank_distance(metric, vectors.row_data(row), vectors.row_data(other), vectors.cols),
                other);
        std::sort(ranked.begin(), ranked.end());
        for (std::int64_t j = 0; j < kept; ++j) {
            bool const is = std::cmp_less(j, ranked.size());
            auto const& one = ranked[static_cast<std::size_t>(is ? j : 0)];
            better.found.positions.row(row)[j] = is ? one.second : -1;
            better.found.distances.row(row)[j] =
                is ? reported_distance(metric, one.first) : HUGE_VALF;
        }
    }
    return better;
}

/// On vectors whose neighbours lie in several lists, with more equal ones than a list has room for,
/// zeros, and many equal distances.
class RefinedSearchTest : public SearchJobTest {
  protected:
    RefinedSearchTest() {
        values_ = test::normal_vectors(rows, dim, 5);
        for (std::int64_t i = rows / 2 * dim; i < rows * dim; ++i) {
            float& value = values_[static_cast<std::size_t>(i)];
            value = std::round(value);
        }
        for (std::int64_t row = 1; row < 15; ++row)
            std::copy_n(values_.begin(), dim, values_.begin() + row * dim);
        std::fill_n(values_.begin() + 100 * dim, 3 * dim, 0.0f);
        if (comm_.is_root()) test::write_fvecs(base_, vectors());
        comm_.barrier();
    }

    std::vector<std::int64_t> positions_in(std::string const& name) {
        io::Hdf5Reader const file(folder_.file(name));
        std::vector<std::int64_t> positions(rows * k);
        file.read_rows("/neighbors", 0, rows, format::ElementType::int64, positions.data());
        return positions;
    }

    static std::vector<std::int64_t> begins(Lists const& lists) {
        std::vector<std::int64_t> positions;
        for (std::int64_t row = 0; row < rows; ++row)
            for (std::int64_t j = 0; j < k; ++j)
                positions.push_back(lists.found.positions.row(row)[j]);
        return positions;
    }

    static std::int64_t hits(std::vector<std::int64_t> const& found,
                             std::vector<std::int64_t> const& wanted) {
        std::int64_t count = 0;
        for (std::int64_t i = 0; i < rows * k; ++i)
            count += std::count(wanted.begin() + i / k * k, wanted.begin() + i / k * k + k,
                                found[static_cast<std::size_t>(i)]);
        return count;
    }
};

TEST_F(RefinedSearchTest, FindsWhatTheDefinitionFinds) {
    auto const source = open(false);
    for (Metric const metric : {Metric::l2, Metric::cosine, Metric::inner_product}) {
        NodeIndex const node = build("ivf", source, metric);
        VectorQueries const queries(source, metric, true);
        Matrix const vectors = queries.read(0, rows);
        SearchJobOptions options;
        options.effort = 2;
        SearchOptions first;
        first.effort = 2;
        Lists wanted{node.index->search(vectors.view(), kept, first)};
        auto const before = begins(wanted);
        auto const exact = begins(Lists{node.index->search_exactly(vectors.view(), kept, first)});
        for (int rounds = 1; rounds <= 2; ++rounds) {
            wanted = refined(wanted, vectors.view(), metric);
            options.refinements = rounds;
            search(node, queries, "nn.h5", options);
            EXPECT_EQ(positions_in("nn.h5"), begins(wanted))
                << to_string(metric) << ", round " << rounds;
        }
        EXPECT_GT(hits(begins(wanted), exact), hits(before, exact)) << to_string(metric);
    }
}

TEST(NeighborLists, OfThoseAtEqualDistanceTheFirstAreLinked) {
    Topology const topology(Communicator::world());
    NeighborLists lists(topology, 40, 2);
    RowRange const mine = share_of(40, Communicator::world().size(), Communicator::world().rank());
    for (std::int64_t row = mine.first; row < mine.last; ++row) {
        std::uint32_t const nearest[] = {row == 0 ? 7u : 0u, NeighborLists::none};
        std::copy_n(nearest, 2, lists.positions(row).begin());
        std::fill_n(lists.distances(row).begin(), 2, 1.0f);
        lists.mark(row);
    }
    lists.share();
    lists.link(2, 1 << 20);
    auto const links = lists.links(0);
    EXPECT_EQ(std::vector(links.begin(), links.end()),
              (std::vector<std::uint32_t>{7, 1, 2, NeighborLists::none}));
}

TEST_F(RefinedSearchTest, RunsOfQueriesDoNotMatter) {
    auto const source = open(false);
    NodeIndex const node = build("ivf", source);
    VectorQueries const queries(source, Metric::l2, true);
    SearchJobOptions options;
    options.effort = 2;
    options.refinements = 1;
    search(node, queries, "large.h5", options);
    options.memory_bytes = 1;
    search(node, queries, "small.h5", options);
    EXPECT_EQ(text_of("small.h5"), text_of("large.h5"));
}

TEST_F(RefinedSearchTest, NodesExchangeTheirLists) {
    auto const source = open(false);
    NodeIndex const node = build("ivf", source);
    VectorQueries const queries(source, Metric::l2, true);
    SearchJobOptions options;
    options.effort = 2;
    options.refinements = 2;
    search(node, queries, "one.h5", options);
    for (char const* ranks : {"1", "2"}) {
        test::ScopedEnv const nodes("PARTITA_RANKS_PER_NODE", ranks);
        search(node, queries, "several.h5", options);
        EXPECT_EQ(text_of("several.h5"), text_of("one.h5")) << ranks << " ranks a node";
    }
}

TEST_F(RefinedSearchTest, ExactListsStayAsTheyAre) {
    auto const source = open(false);
    NodeIndex const node = build("ivf", source);
    VectorQueries const queries(source, Metric::l2, true);
    SearchJobOptions options;
    options.effort = rows;
    options.exclude_self = true;
    search(node, queries, "exact.h5", options);
    options.refinements = 2;
    SearchReport const report = search(node, queries, "refined.h5", options);
    EXPECT_EQ(text_of("refined.h5"), text_of("exact.h5"));
    EXPECT_EQ(report.self_found, rows);
}

TEST_F(RefinedSearchTest, OtherIndexesAreRefused) {
    auto const source = open(false);
    VectorQueries const queries(source, Metric::l2, true), others(source, Metric::l2, false);
    SearchJobOptions options;
    options.refinements = 1;
    NodeIndex const flat = build("flat", source), ivf = build("ivf", source);
    EXPECT_FALSE(can_refine(*flat.searcher, queries));
    EXPECT_THROW(search(flat, queries, "no.h5", options), CollectiveError);
    EXPECT_TRUE(can_refine(*ivf.searcher, queries));
    EXPECT_THROW(search(ivf, others, "no.h5", options), CollectiveError);
    ivf.index->keep_little_in_memory();
    EXPECT_FALSE(can_refine(*ivf.searcher, queries));
}

}  // namespace
}  // namespace partita::knn
