#include "knn/build/graph_linker.hpp"

#include "knn/index/hnsw_search.hpp"
#include "support/knn_oracle.hpp"
#include "support/temp_folder.hpp"

#include "partita/core/file.hpp"

#include <algorithm>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace partita::knn {
namespace {

GrowingGraph build(std::vector<float> const& values, std::int64_t dim, std::int64_t links, bool l2,
                   int threads, std::uint64_t seed = 7) {
    auto const rows = static_cast<std::int64_t>(values.size()) / dim;
    GrowingGraph graph(rows, dim, links, l2, seed);
    std::copy(values.begin(), values.end(), graph.vector(0));
    std::int64_t linked = 0;
    link_graph(graph, {.ef_construction = 40,
                       .seed = seed,
                       .threads = threads,
                       .progress = [&](std::int64_t nodes) { linked += nodes; }});
    EXPECT_EQ(linked, rows);
    return graph;
}

std::string file_of(GrowingGraph const& graph) {
    std::string bytes;
    graph.write(
        [&](std::int64_t offset, void const* data, std::int64_t count) {
            EXPECT_EQ(offset, std::ssize(bytes));
            bytes.append(static_cast<char const*>(data), static_cast<std::size_t>(count));
        },
        40, 64);
    return bytes;
}

std::vector<std::int32_t> links_of(GrowingGraph& graph, std::int32_t node, int level) {
    std::int32_t const* links = graph.mutable_links(node, level);
    return {links, std::find(links, links + graph.capacity(level), -1)};
}

/// Share of the 10 nearest of each query (by distance, so that ties count) that a search finds.
double recall(GrowingGraph const& graph, std::vector<float> const& base,
              std::vector<float> const& queries, std::int64_t breadth) {
    std::int64_t const dim = graph.dim(), k = 10;
    Metric const metric = graph.vectors().l2 ? Metric::l2 : Metric::inner_product;
    MatrixView const asked{queries.data(), static_cast<std::int64_t>(queries.size()) / dim, dim};
    auto const truth = test::oracle_neighbors({base.data(), graph.rows(), dim}, asked, k, metric);
    WalkWorkspace workspace(graph.rows());
    std::int64_t hits = 0;
    for (std::int64_t q = 0; q < asked.rows; ++q) {
        GraphWalk const walk(graph, VectorScorer(graph.vectors(), asked.row_data(q)), workspace);
        Reached const nearest = walk.descend_from_top(graph.entry_point, graph.max_level);
        walk.search(nearest, 0, breadth, breadth, workspace.marks);
        for (std::int64_t j = 0; j < std::min(k, workspace.nearest.size()); ++j) {
            float const* found = graph.vector(workspace.nearest[j].node);
            hits += test::oracle_distance(metric, asked.row_data(q), found, dim) <=
                    truth.distances.row(q)[k - 1] + 1e-5;
        }
    }
    return static_cast<double>(hits) / static_cast<double>(asked.rows * k);
}

TEST(GraphLinker, TheGraphDoesNotDependOnThreads) {
    auto const values = test::normal_vectors(2200, 9, 1);
    for (bool const l2 : {true, false}) {
        std::string const alone = file_of(build(values, 9, 5, l2, 1));
        for (int threads : {2, 5}) EXPECT_EQ(file_of(build(values, 9, 5, l2, threads)), alone);
        EXPECT_NE(file_of(build(values, 9, 5, l2, 1, 8)), alone);
    }
}

TEST(GraphLinker, ListsNameOtherNodesOfTheirLevelOnce) {
    auto graph = build(test::normal_vectors(2000, 4, 2), 4, 3, true, 2);
    EXPECT_EQ(graph.level(graph.entry_point), graph.max_level);
    std::int64_t above = 0;
    for (std::int32_t node = 0; node < 2000; ++node) {
        above += graph.level(node);
        for (int level = 0; level <= graph.level(node); ++level) {
            auto const links = links_of(graph, node, level);
            EXPECT_TRUE(level > 0 || !links.empty()) << node;
            EXPECT_EQ(std::set<std::int32_t>(links.begin(), links.end()).size(), links.size());
            EXPECT_EQ(std::count(links.begin(), links.end(), node), 0);
            for (std::int32_t link : links) {
                ASSERT_TRUE(link >= 0 && link < 2000);
                EXPECT_GE(graph.level(link), level);
            }
        }
    }
    EXPECT_NEAR(static_cast<double>(above) / 2000, 0.5, 0.1);  // 1 / (M - 1)
}

TEST(GraphLinker, SearchesFindNearlyAll) {
    auto const base = test::normal_vectors(4000, 10, 3), queries = test::normal_vectors(50, 10, 4);
    for (bool const l2 : {true, false})
        EXPECT_GT(recall(build(base, 10, 16, l2, 2), base, queries, 100), l2 ? 0.97 : 0.9);
}

TEST(GraphLinker, SortedInputIsNoWorse) {
    std::vector<float> base;
    for (int i = 0; i < 4000; ++i)
        for (int p = 0; p < 3; ++p) base.push_back(static_cast<float>(i / 100 * (p + 1) + i % 7));
    std::vector<float> const queries(base.begin() + 300, base.begin() + 600);
    EXPECT_GT(recall(build(base, 3, 8, true, 2), base, queries, 60), 0.95);
}

TEST(GraphLinker, ManyEqualVectorsAreNoTrap) {
    auto base = test::normal_vectors(3000, 8, 5);
    std::fill(base.begin(), base.begin() + 1500 * 8, 0.0f);
    auto queries = test::normal_vectors(50, 8, 6);
    for (bool const l2 : {true, false})
        EXPECT_GT(recall(build(base, 8, 8, l2, 2), base, queries, 60), 0.9) << l2;
    std::fill(queries.begin(), queries.end(), 0.0f);
    EXPECT_EQ(recall(build(base, 8, 8, true, 2), base, queries, 60), 1.0);
}

TEST(GraphLinker, OneTwoAndThreeNodes) {
    for (std::int64_t rows : {1, 2, 3}) {
        auto graph = build(test::normal_vectors(rows, 2, 5), 2, 2, true, 2);
        for (std::int32_t node = 0; node < rows; ++node)
            EXPECT_EQ(links_of(graph, node, 0).empty(), rows == 1);
    }
}

TEST(GraphLinker, MemoryIsWhatTheGraphTakes) {
    GrowingGraph const graph(20'000, 3, 4, true, 1);
    auto const file = static_cast<std::int64_t>(file_of(graph).size());
    // The file has levels of 4 bytes, memory of 1.
    EXPECT_NEAR(static_cast<double>(GrowingGraph::memory_bytes(20'000, 3, 4)),
                static_cast<double>(file - 20'000 * 3), 0.05 * static_cast<double>(file));
}

TEST(NearestPool, KeepsTheNearestInOrderAndHandsThemOutOnce) {
    RandomStream random(11);
    for (std::int64_t capacity : {1, 2, 7, 40}) {
        NearestPool pool;
        pool.restart(capacity, capacity);
        std::vector<Reached> all;
        std::set<std::int32_t> taken;
        for (std::int32_t node = 0; node < 60; ++node) {
            Reached const reached{static_cast<float>(random.below(20)) - 10, 59 - node};
            pool.offer(reached);
            all.push_back(reached);
            if (node % 3 == 0) {
                std::int32_t const next = pool.take_next();
                EXPECT_TRUE(next < 0 || taken.insert(next).second);
            }
        }
        std::sort(all.begin(), all.end());
        ASSERT_EQ(pool.size(), capacity);
        for (std::int64_t i = 0; i < capacity; ++i) {
            EXPECT_EQ(pool[i].node, all[static_cast<std::size_t>(i)].node);
            EXPECT_EQ(pool[i].score, all[static_cast<std::size_t>(i)].score);
        }
        while (true) {
            std::int32_t const next = pool.take_next();
            if (next < 0) break;
            EXPECT_TRUE(taken.insert(next).second);
        }
        for (std::int64_t i = 0; i < capacity; ++i) EXPECT_EQ(taken.count(pool[i].node), 1u);
    }
}

}  // namespace
}  // namespace partita::knn
