#include "partita/knn/index.hpp"

#include "support/knn_oracle.hpp"
#include "support/shared_folder.hpp"
#include "support/vector_files.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/core/file.hpp"
#include "partita/io/vector_source.hpp"
#include "partita/knn/build.hpp"
#include "partita/knn/distance.hpp"
#include "partita/knn/exact_search.hpp"

#include <cstring>

#include <gtest/gtest.h>

namespace partita::knn {
namespace {

constexpr std::int64_t rows = 700, dim = 12, k = 9;

class IndexTest : public testing::TestWithParam<Metric> {
  protected:
    IndexTest() : comm_(Communicator::world()), folder_(comm_) {
        values_ = test::clustered_vectors(rows, dim, 3);
        std::fill(values_.begin() + 5 * dim, values_.begin() + 6 * dim, 0.0f);  // a zero vector
        base_ = folder_.file("base.fvecs");
        if (comm_.is_root()) test::write_fvecs(base_, {values_.data(), rows, dim});
        comm_.barrier();
        if (GetParam() == Metric::cosine) normalise_rows({values_.data(), rows, dim});
    }

    IndexInfo build(Communicator const& comm, std::string const& type, std::string const& name) {
        BuildOptions options;
        options.type = type;
        options.metric = GetParam();
        options.seed = 9;
        // Many blocks; an hnsw graph must fit whole.
        options.memory_bytes = type == "hnsw" ? 1 << 20 : 64 << 10;
        options.train_sample = 400;
        options.threads = comm.size() == 1 ? 3 : 1;  // which nothing shows
        return build_index(comm, io::VectorSource::open(comm, base_), folder_.file(name), options);
    }

    MatrixView vectors() const { return {values_.data(), rows, dim}; }

    void expect_same(Neighbors const& found, Neighbors const& wanted) {
        for (std::int64_t i = 0; i < found.queries() * found.k(); ++i) {
            EXPECT_EQ(found.positions.data()[i], wanted.positions.data()[i]) << "entry " << i;
            EXPECT_FLOAT_EQ(found.distances.data()[i], wanted.distances.data()[i]) << "entry " << i;
        }
    }

    std::string bytes_of(std::string const& name) {
        MappedFile const file(folder_.file(name));
        return {reinterpret_cast<char const*>(file.data()), static_cast<std::size_t>(file.size())};
    }

    Communicator comm_;
    test::SharedFolder folder_;
    std::vector<float> values_;
    std::string base_;
};

TEST_P(IndexTest, FlatIsExact) {
    IndexInfo const info = build(comm_, "flat", "flat");
    auto const index = open_index(folder_.file("flat"), info);
    expect_same(index->search(vectors(), k, {}),
                test::oracle_neighbors(vectors(), vectors(), k, GetParam()));
}

TEST_P(IndexTest, IvfIsExactWhenItProbesAllLists) {
    IndexInfo const info = build(comm_, "ivf", "ivf");
    EXPECT_EQ(info.lists, default_lists(rows));
    auto const index = open_index(folder_.file("ivf"), info);
    Neighbors const wanted = test::oracle_neighbors(vectors(), vectors(), k, GetParam());
    SearchOptions all;
    all.effort = info.lists;
    expect_same(index->search(vectors(), k, all), wanted);
    expect_same(index->search_exactly(vectors(), k, {}), wanted);
}

/// Vectors that are hard to tell apart.
std::vector<float> hostile_vectors(std::string const& kind) {
    auto values = test::clustered_vectors(rows, dim, 4);
    std::int64_t const different = kind == "all equal" ? 1 : kind == "duplicates" ? rows / 10 : 3;
    for (std::int64_t i = different; i < rows; ++i)
        std::copy_n(values.begin() + i * 7 % different * dim, dim, values.begin() + i * dim);
    return values;
}

TEST_P(IndexTest, IvfEqualsTheExactEngineBitForBitOnHostileVectors) {
    // "three": most of the 30 lists are empty, or hold halves of one that a centroid was split off.
    for (std::string const kind : {"all equal", "duplicates", "three"}) {
        values_ = hostile_vectors(kind);
        if (comm_.is_root()) test::write_fvecs(base_, vectors());
        comm_.barrier();
        if (GetParam() == Metric::cosine) normalise_rows({values_.data(), rows, dim});
        BuildOptions options;
        options.type = "ivf";
        options.metric = GetParam();
        options.lists = 30;
        options.threads = 2;
        options.overwrite = true;
        IndexInfo const info = build_index(comm_, io::VectorSource::open(comm_, base_),
                                           folder_.file("hostile"), options);
        auto const index = open_index(folder_.file("hostile"), info);
        SearchOptions all;
        all.effort = info.lists;
        all.workspace_bytes = 1 << 16;
        for (std::int64_t const wanted : {std::int64_t{1}, k, rows / 2, rows + 2}) {
            MatrixView const queries = vectors().slice(100, 160);
            Neighbors const found = index->search(queries, wanted, all);
            Neighbors const exact = exact_search(vectors(), queries, wanted, GetParam());
            auto const bytes = static_cast<std::size_t>(queries.rows * wanted);
            EXPECT_EQ(std::memcmp(found.positions.data(), exact.positions.data(), bytes * 8), 0)
                << kind << ' ' << wanted;
            EXPECT_EQ(std::memcmp(found.distances.data(), exact.distances.data(), bytes * 4), 0)
                << kind << ' ' << wanted;
        }
        comm_.barrier();
    }
}

TEST_P(IndexTest, FilesAreTheSameForAnyNumberOfRanksAndThreads) {
    for (std::string const type : {"ivf", "hnsw"}) {
        build(comm_, type, type);
        std::string const alone = type + "-alone";
        if (comm_.is_root()) build(Communicator::self(), type, alone);
        comm_.barrier();
        EXPECT_TRUE(bytes_of(type) == bytes_of(alone)) << type;
        EXPECT_TRUE(bytes_of(type + ".json") == bytes_of(alone + ".json")) << type;
    }
}

TEST_P(IndexTest, SearchDoesNotDependOnBlocksAndThreads) {
    for (char const* type : {"flat", "ivf", "hnsw"}) {
        IndexInfo const info = build(comm_, type, type);
        auto const index = open_index(folder_.file(type), info);
        SearchOptions plain, other;
        plain.effort = other.effort = 4;
        other.workspace_bytes = 1 << 16;
        other.threads = 3;
        Neighbors const a = index->search(vectors(), k, plain);
        Neighbors const b = index->search(vectors(), k, other);
        for (std::int64_t first = 0; first < rows; first += 211) {
            std::int64_t const last = std::min(first + 211, rows);
            Neighbors const c = index->search(vectors().slice(first, last), k, plain);
            EXPECT_EQ(std::memcmp(c.positions.data(), a.positions.row(first),
                                  static_cast<std::size_t>((last - first) * k) * 8),
                      0)
                << type;
        }
        expect_same(a, b);
    }
}

TEST_P(IndexTest, IvfWithFewListsFindsMost) {
    IndexInfo const info = build(comm_, "ivf", "ivf");
    auto const index = open_index(folder_.file("ivf"), info);
    Neighbors const wanted = test::oracle_neighbors(vectors(), vectors(), k, GetParam());
    SearchOptions few;
    few.effort = 6;
    Neighbors const found = index->search(vectors(), k, few);
    std::int64_t hits = 0;
    for (std::int64_t q = 0; q < rows; ++q)
        for (std::int64_t j = 0; j < k; ++j)
            hits += std::count(wanted.positions.row(q), wanted.positions.row(q) + k,
                               found.positions.row(q)[j]);
    EXPECT_GT(static_cast<double>(hits) / (rows * k),
              GetParam() == Metric::inner_product ? 0.6 : 0.85);
}

TEST_P(IndexTest, HnswFindsNearlyAllWithAWideSearch) {
    IndexInfo const info = build(comm_, "hnsw", "hnsw");
    auto const index = open_index(folder_.file("hnsw"), info);
    Neighbors const wanted = test::oracle_neighbors(vectors(), vectors(), k, GetParam());
    expect_same(index->search_exactly(vectors(), k, {}), wanted);
    SearchOptions wide;
    wide.effort = 300;
    Neighbors const found = index->search(vectors(), k, wide);
    std::int64_t hits = 0;
    for (std::int64_t q = 0; q < rows; ++q)
        for (std::int64_t j = 0; j < k; ++j)
            hits += std::count(wanted.positions.row(q), wanted.positions.row(q) + k,
                               found.positions.row(q)[j]);
    EXPECT_GT(static_cast<double>(hits) / (rows * k), 0.95);
}

TEST_P(IndexTest, MoreNeighboursThanVectorsArePadded) {
    for (char const* type : {"flat", "ivf", "hnsw"}) {
        IndexInfo const info = build(comm_, type, type);
        auto const index = open_index(folder_.file(type), info);
        SearchOptions all;
        all.effort = rows;
        Neighbors const found = index->search(vectors().slice(0, 2), rows + 3, all);
        for (std::int64_t q = 0; q < 2; ++q)
            for (std::int64_t j = rows; j < rows + 3; ++j) {
                EXPECT_EQ(found.positions.row(q)[j], -1) << type;
                EXPECT_EQ(found.distances.row(q)[j], std::numeric_limits<float>::infinity())
                    << type;
            }
    }
}

TEST_P(IndexTest, VectorsComeBackByPosition) {
    for (char const* type : {"flat", "ivf", "hnsw"}) {
        IndexInfo const info = build(comm_, type, type);
        auto const index = open_index(folder_.file(type), info);
        std::vector<std::int64_t> const wanted = {699, 0, 5, 5, 340};
        Matrix const found = index->vectors_at(wanted);
        for (std::size_t i = 0; i < wanted.size(); ++i)
            EXPECT_EQ(std::memcmp(found.row(static_cast<std::int64_t>(i)),
                                  values_.data() + wanted[i] * dim, dim * 4),
                      0)
                << type;
    }
}

TEST_P(IndexTest, ZeroVectorsAreCountedForCosine) {
    EXPECT_EQ(build(comm_, "ivf", "ivf").zero_vectors, GetParam() == Metric::cosine ? 1 : 0);
}

TEST_P(IndexTest, AGraphThatDoesNotFitIsRefusedOnAllRanks) {
    BuildOptions options;
    options.type = "hnsw";
    options.metric = GetParam();
    options.memory_bytes = 1000;
    auto const source = io::VectorSource::open(comm_, base_);
    EXPECT_THROW(build_index(comm_, source, folder_.file("none"), options), CollectiveError);
    EXPECT_FALSE(file_exists(folder_.file("none")));
}

TEST_P(IndexTest, ASidecarOfAnotherIndexIsRefused) {
    IndexInfo info = build(comm_, "flat", "flat");
    info.rows += 1;
    EXPECT_THROW(open_index(folder_.file("flat"), info), Error);
}

INSTANTIATE_TEST_SUITE_P(Metrics, IndexTest,
                         testing::Values(Metric::l2, Metric::cosine, Metric::inner_product),
                         [](auto const& info) { return to_string(info.param); });

}  // namespace
}  // namespace partita::knn
