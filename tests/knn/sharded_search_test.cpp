#include "knn/shard/list_placement.hpp"
#include "support/knn_oracle.hpp"
#include "support/scoped_env.hpp"
#include "support/shared_folder.hpp"
#include "support/vector_files.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/knn/build.hpp"
#include "partita/knn/distance.hpp"
#include "partita/knn/node_index.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

#include <gtest/gtest.h>

namespace partita::knn {
namespace {

TEST(PlaceLists, SharesWorkAndRowsOut) {
    std::vector<std::int64_t> sizes;
    std::vector<double> queries;
    for (std::int64_t l = 0; l < 300; ++l) {
        sizes.push_back(l % 7 == 0 ? 0 : 1000 + l * l % 977);
        queries.push_back(static_cast<double>(l % 13));
    }
    sizes[5] = 100000;  // a third of all
    std::int64_t const total = std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0});
    for (int ranks : {1, 2, 3, 7, 64}) {
        ListPlacement const placement = place_lists(sizes, queries, ranks);
        std::int64_t covered = 0;
        for (std::int64_t l = 0; l < 300; ++l) {
            std::int64_t next = 0;
            for (ListPiece const& piece : placement.of_list(l)) {
                EXPECT_EQ(piece.list, l);
                EXPECT_EQ(piece.first, next);
                EXPECT_GT(piece.rows(), 0);
                next = piece.last;
            }
            EXPECT_EQ(next, sizes[static_cast<std::size_t>(l)]);
            covered += next;
        }
        EXPECT_EQ(covered, total);
        EXPECT_LT(*std::max_element(placement.work.begin(), placement.work.end()), 1.3 / ranks);
        EXPECT_LT(*std::max_element(placement.rows.begin(), placement.rows.end()),
                  total * 1.4 / ranks + 1);
    }
}

TEST(PlaceLists, TakesEmptyIndexesAndMoreRanksThanLists) {
    EXPECT_TRUE(
        place_lists(std::vector<std::int64_t>{0, 0}, std::vector<double>{0, 0}, 3).pieces.empty());
    ListPlacement const placement =
        place_lists(std::vector<std::int64_t>{3, 1}, std::vector<double>{0, 0}, 7);
    EXPECT_EQ(placement.pieces.size(), 2);
    EXPECT_NE(placement.pieces[0].owner, placement.pieces[1].owner);
}

TEST(ChoosePlacement, GoesByTheNodesMemory) {
    PlacementFacts facts{"ivf", 100, 1000, 4, 8};
    EXPECT_EQ(choose_placement(Placement::automatic, facts).placement, Placement::replicate);
    facts.index_bytes = 601;
    EXPECT_EQ(choose_placement(Placement::automatic, facts).placement, Placement::shard);
    EXPECT_EQ(choose_placement(Placement::replicate, facts).placement, Placement::replicate);
    facts.nodes = 1;
    EXPECT_EQ(choose_placement(Placement::automatic, facts).placement, Placement::replicate);
    EXPECT_EQ(choose_placement(Placement::shard, facts).placement, Placement::shard);
    facts.type = "hnsw";
    EXPECT_EQ(choose_placement(Placement::shard, facts).placement, Placement::shard);
    facts.can_be_shared = false;  // one graph
    facts.nodes = 4;
    EXPECT_EQ(choose_placement(Placement::automatic, facts).placement, Placement::replicate);
    EXPECT_THROW(choose_placement(Placement::shard, facts), Error);
    EXPECT_EQ(parse_placement("shard"), Placement::shard);
    EXPECT_THROW(parse_placement("no"), Error);
}

constexpr std::int64_t dim = 10;

/// Vectors of which many are equal, some are zero, and some lie far away.
std::vector<float> mixed_vectors(std::int64_t rows) {
    std::vector<float> values = test::clustered_vectors(rows, dim, 5);
    for (std::int64_t i = 0; i < rows; ++i) {
        float* const row = values.data() + i * dim;
        if (i % 17 == 0) std::fill_n(row, dim, 0.0f);
        if (i % 5 == 3) std::copy_n(values.data() + 3 * dim, dim, row);
    }
    return values;
}

class ShardedSearchTest : public testing::Test {
  protected:
    ShardedSearchTest() : comm_(Communicator::world()), folder_(comm_) {}

    /// An index file of these vectors.
    std::string build(std::vector<float> const& values, std::string const& type, Metric metric,
                      std::int64_t lists = 0, std::int64_t shards = 1) {
        std::string const base = folder_.file("base.fvecs"), path = folder_.file("index");
        rows_ = std::ssize(values) / dim;
        if (comm_.is_root()) test::write_fvecs(base, {values.data(), rows_, dim});
        comm_.barrier();
        BuildOptions options;
        options.type = type;
        options.metric = metric;
        options.lists = lists;
        options.shards = shards;
        options.overwrite = true;
        build_index(comm_, io::VectorSource::open(comm_, base), path, options);
        return path;
    }

    NodeIndex distribute(std::string const& path, Placement placement, bool several_nodes) {
        test::ScopedEnv const nodes("PARTITA_RANKS_PER_NODE", several_nodes ? "1" : nullptr);
        Topology const topology(comm_);
        DistributeOptions options;
        options.cache_dir = folder_.path();
        options.placement = placement;
        options.memory_bytes = 1 << 20;
        return distribute_index(comm_, topology, path, options);
    }

    /// This rank's queries: an uneven share, with some ranks having none.
    MatrixView my_part(MatrixView queries) const {
        std::int64_t const n = queries.rows, p = comm_.size(), r = comm_.rank();
        auto const cut = [&](std::int64_t i) { return n * i * i / (p * p); };
        return p > 2 && r == 1 ? queries.slice(0, 0) : queries.slice(cut(r), cut(r + 1));
    }

    /// Both placements give the same bytes, with large and tiny blocks, mapped and sent.
    void expect_same(std::string const& path, std::vector<float> const& queries, std::int64_t k,
                     std::vector<std::int64_t> const& efforts) {
        MatrixView const mine = my_part({queries.data(), std::ssize(queries) / dim, dim});
        NodeIndex const whole = distribute(path, Placement::replicate, false);
        std::int64_t mapped = 0;
        for (bool several_nodes : {false, true}) {
            NodeIndex const shared = distribute(path, Placement::shard, several_nodes);
            expect_held(*shared.searcher, several_nodes, mapped);
            for (std::int64_t effort : efforts)
                for (std::int64_t workspace : {1, 0}) {
                    SearchOptions options;
                    options.effort = effort;
                    options.workspace_bytes = workspace;
                    expect_equal(whole.searcher->search(mine, k, options),
                                 shared.searcher->search(mine, k, options), effort);
                }
            expect_equal(whole.searcher->search_exactly(mine, k, {}),
                         shared.searcher->search_exactly(mine, k, {}), -1);
        }
    }

    /// Ranks that do not see the file hold their shares in memory; the others hold none.
    void expect_held(BatchSearcher const& searcher, bool several_nodes, std::int64_t& mapped) {
        std::int64_t const shares = comm_.all_reduce(
            comm_.rank() == 0 ? std::int64_t{0} : searcher.share_bytes(), Reduce::sum);
        std::int64_t const held = comm_.all_reduce(searcher.private_bytes(), Reduce::sum);
        if (!several_nodes)
            mapped = held;
        else
            EXPECT_EQ(held - mapped, shares);
    }

    static void expect_equal(Neighbors const& wanted, Neighbors const& found, std::int64_t effort) {
        ASSERT_EQ(wanted.queries(), found.queries());
        auto const n = static_cast<std::size_t>(wanted.queries() * wanted.k());
        if (n == 0) return;
        EXPECT_EQ(std::memcmp(wanted.positions.data(), found.positions.data(), n * 8), 0) << effort;
        EXPECT_EQ(std::memcmp(wanted.distances.data(), found.distances.data(), n * 4), 0) << effort;
    }

    Communicator comm_;
    test::SharedFolder folder_;
    std::int64_t rows_ = 0;
};

TEST_F(ShardedSearchTest, EqualsOneCopyUnderEveryMetric) {
    std::vector<float> const values = mixed_vectors(900);
    for (Metric metric : {Metric::l2, Metric::cosine, Metric::inner_product}) {
        std::vector<float> queries(values.begin(), values.begin() + 300 * dim);
        if (metric == Metric::cosine) normalise_rows({queries.data(), 300, dim});
        expect_same(build(values, "ivf", metric, 20), queries, 7, {1, 3, 20});
        expect_same(build(values, "flat", metric), queries, 7, {0});
    }
}

TEST_F(ShardedSearchTest, EqualsOneCopyWhereNeighboursAreFewOrAllEqual) {
    std::vector<float> const few = mixed_vectors(60), equal(400 * dim, 0.5f);
    std::vector<float> duplicates = mixed_vectors(700);
    for (std::int64_t i = 0; i < 630; ++i)
        std::copy_n(duplicates.data(), dim, duplicates.data() + i * dim);
    for (char const* type : {"ivf", "flat"}) {
        // k above the lists' sizes, and above the number of vectors.
        expect_same(build(few, type, Metric::l2, 30), mixed_vectors(90), 100, {1, 2, 30});
        expect_same(build(equal, type, Metric::l2, 8), mixed_vectors(40), 5, {1, 8});
        expect_same(build(duplicates, type, Metric::l2, 12), duplicates, 9, {2});
    }
}

TEST_F(ShardedSearchTest, GraphsOfRunsOfRowsEqualOneCopy) {
    std::vector<float> const values = mixed_vectors(700), few = mixed_vectors(9);
    for (Metric metric : {Metric::l2, Metric::cosine, Metric::inner_product}) {
        std::vector<float> queries(values.begin(), values.begin() + 200 * dim);
        if (metric == Metric::cosine) normalise_rows({queries.data(), 200, dim});
        expect_same(build(values, "hnsw", metric, 0, 5), queries, 7, {8, 700});
    }
    // Some graphs of one vector, and k beyond all.
    expect_same(build(few, "hnsw", Metric::l2, 0, 8), mixed_vectors(40), 20, {4});
}

TEST_F(ShardedSearchTest, GraphsOfRunsOfRowsAreTheSameBytesForAnyRanksAndFindMost) {
    std::vector<float> const values = test::clustered_vectors(900, dim, 5);
    std::string const path = build(values, "hnsw", Metric::l2, 0, 4);
    auto const bytes = [](std::string const& name) {
        MappedFile const file(name);
        return std::string(reinterpret_cast<char const*>(file.data()),
                           static_cast<std::size_t>(file.size()));
    };
    if (comm_.is_root()) {
        BuildOptions options;
        options.type = "hnsw";
        options.shards = 4;
        Communicator const self = Communicator::self();
        build_index(self, io::VectorSource::open(self, folder_.file("base.fvecs")), path + "-alone",
                    options);
        EXPECT_TRUE(bytes(path) == bytes(path + "-alone"));
    }
    NodeIndex const whole = distribute(path, Placement::replicate, false);
    MatrixView const queries{values.data(), 300, dim};
    SearchOptions wide;
    wide.effort = 100;
    Neighbors const found = whole.searcher->search(queries, 6, wide);
    Neighbors const wanted =
        test::oracle_neighbors({values.data(), 900, dim}, queries, 6, Metric::l2);
    std::int64_t hits = 0;
    for (std::int64_t q = 0; q < 300; ++q)
        for (std::int64_t j = 0; j < 6; ++j)
            hits += std::count(wanted.positions.row(q), wanted.positions.row(q) + 6,
                               found.positions.row(q)[j]);
    EXPECT_GT(hits, 300 * 6 * 97 / 100);
    Neighbors const exact = whole.searcher->search_exactly(queries, 6, {});
    EXPECT_TRUE(std::equal(wanted.positions.data(), wanted.positions.data() + 300 * 6,
                           exact.positions.data()));
}

TEST_F(ShardedSearchTest, OneGraphCannotBeSharedOut) {
    std::string const path = build(mixed_vectors(100), "hnsw", Metric::l2);
    EXPECT_THROW(distribute(path, Placement::shard, false), CollectiveError);
}

TEST_F(ShardedSearchTest, TakesNoQueriesAtAll) {
    std::string const path = build(mixed_vectors(100), "ivf", Metric::l2, 5);
    expect_same(path, {}, 3, {2});
    expect_same(build(mixed_vectors(3), "flat", Metric::l2), {}, 3, {0});
}

TEST_F(ShardedSearchTest, FindsVectorsByPosition) {
    std::vector<float> const values = mixed_vectors(500);
    for (char const* type : {"ivf", "flat", "hnsw"}) {
        NodeIndex const shared =
            distribute(build(values, type, Metric::l2, 9, 3), Placement::shard, true);
        std::vector<std::int64_t> wanted;
        for (int i = 0; i < comm_.rank() + 2; ++i) wanted.push_back((i * 77 + comm_.rank()) % 500);
        wanted.push_back(wanted.front());
        Matrix const found = shared.searcher->vectors_at(wanted);
        for (std::size_t i = 0; i < wanted.size(); ++i)
            EXPECT_TRUE(std::equal(values.data() + wanted[i] * dim,
                                   values.data() + (wanted[i] + 1) * dim,
                                   found.row(static_cast<std::int64_t>(i))));
        EXPECT_THROW(shared.searcher->vectors_at({500}), CollectiveError);
    }
}

TEST_F(ShardedSearchTest, RefusesAShareThatDoesNotFit) {
    if (comm_.size() == 1) GTEST_SKIP() << "one rank sees the file";
    std::string const path = build(test::clustered_vectors(3000, dim, 1), "flat", Metric::l2);
    test::ScopedEnv const nodes("PARTITA_RANKS_PER_NODE", "1");
    Topology const topology(comm_);
    DistributeOptions options;
    options.cache_dir = folder_.path();
    options.placement = Placement::shard;
    options.memory_bytes = 3000 * dim * 4 / comm_.size();
    EXPECT_THROW(distribute_index(comm_, topology, path, options), CollectiveError);
}

}  // namespace
}  // namespace partita::knn
