#include "knn/mutual_edges.hpp"

#include "support/shared_folder.hpp"

#include "partita/core/file.hpp"
#include "partita/core/random.hpp"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

namespace partita::knn {
namespace {

/// Rows of distinct ends, some shorter than k.
std::vector<std::int64_t> random_graph(std::int64_t rows, std::int64_t k, std::uint64_t seed) {
    std::vector<std::int64_t> graph;
    for (std::int64_t i = 0; i < rows; ++i) {
        RandomStream random(seed, static_cast<std::uint64_t>(i));
        std::vector<std::int64_t> ends;
        for (std::int64_t j = 0; j < k; ++j)
            ends.push_back(static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(rows)));
        std::sort(ends.begin(), ends.end());
        ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
        ends.resize(static_cast<std::size_t>(k), -1);
        graph.insert(graph.end(), ends.begin(), ends.end());
    }
    return graph;
}

std::vector<std::uint8_t> oracle(std::vector<std::int64_t> const& graph, std::int64_t k) {
    std::vector<std::uint8_t> kept;
    for (std::size_t i = 0; i < graph.size(); ++i) {
        auto const from = static_cast<std::int64_t>(i) / k;
        auto const row = graph.begin() + graph[i] * k;
        kept.push_back(graph[i] >= 0 && std::count(row, row + k, from) > 0);
    }
    return kept;
}

/// @param memory_bytes  1: a row at a time is held, and a block is a row.
void expect_mutual(std::int64_t rows, std::int64_t k, std::int64_t memory_bytes) {
    Communicator const comm = Communicator::world();
    test::SharedFolder folder(comm);
    std::vector<std::int64_t> const graph = random_graph(rows, k, 11);
    if (comm.is_root())
        File::create(folder.file("graph")).write_at(0, graph.data(), std::ssize(graph) * 8);
    io::SharedFile kept(comm, folder.file("kept"), rows * k, false);
    find_mutual_edges(comm, {folder.file("graph"), rows, k}, kept, memory_bytes);
    kept.commit();
    std::string const text = read_text_file(folder.file("kept"));
    std::vector<std::uint8_t> const expected = oracle(graph, k);
    EXPECT_EQ(std::vector<std::uint8_t>(text.begin(), text.end()), expected)
        << rows << " rows, k = " << k << ", " << memory_bytes << " bytes";
}

TEST(MutualEdges, AreThoseOfTheOracleInAnyMemory) {
    for (std::int64_t const memory : {1, 1000, 1 << 20}) {
        expect_mutual(31, 4, memory);
        expect_mutual(5, 3, memory);  // fewer than ranks
        expect_mutual(1, 1, memory);
    }
    EXPECT_GT(std::ranges::count(oracle(random_graph(31, 4, 11), 4), 1), 0);
    expect_mutual(200, 17, 5000);
    expect_mutual(0, 3, 1);
}

}  // namespace
}  // namespace partita::knn
