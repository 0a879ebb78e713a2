#include "support/knn_oracle.hpp"
#include "support/scoped_env.hpp"
#include "support/shared_folder.hpp"
#include "support/vector_files.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/core/file.hpp"
#include "partita/io/vector_source.hpp"
#include "partita/knn/build.hpp"
#include "partita/knn/distance.hpp"
#include "partita/knn/index.hpp"
#include "partita/knn/node_index.hpp"

#include <cstring>
#include <memory>

#include <faiss/Index.h>
#include <faiss/IndexFlat.h>
#include <faiss/IndexIVF.h>
#include <faiss/IndexScalarQuantizer.h>
#include <faiss/index_io.h>
#include <gtest/gtest.h>

namespace partita::knn::coded_index_test {
namespace {

constexpr std::int64_t rows = 800, dim = 12, lists = 16;

void expect_same_bytes(Neighbors const& found, Neighbors const& wanted, std::string const& what) {
    ASSERT_EQ(found.queries(), wanted.queries());
    auto const n = static_cast<std::size_t>(wanted.queries() * wanted.k());
    if (n == 0) return;
    EXPECT_EQ(std::memcmp(found.positions.data(), wanted.positions.data(), n * 8), 0) << what;
    EXPECT_EQ(std::memcmp(found.distances.data(), wanted.distances.data(), n * 4), 0) << what;
}

/// Vectors of which many are equal, some are zero, and one lies far away.
std::vector<float> mixed_vectors() {
    std::vector<float> values = test::clustered_vectors(rows, dim, 7);
    for (std::int64_t i = 0; i < rows; ++i) {
        float* const row = values.data() + i * dim;
        if (i % 17 == 0) std::fill_n(row, dim, 0.0f);
        if (i % 5 == 3) std::copy_n(values.data() + 3 * dim, dim, row);
    }
    values[100] = 500;
    return values;
}

class CodedIndexTest : public testing::TestWithParam<Metric> {
  protected:
    CodedIndexTest() : comm_(Communicator::world()), topology_(comm_), folder_(comm_) {
        use(mixed_vectors());
    }

    void use(std::vector<float> values) {
        values_ = std::move(values);
        comm_.barrier();
        if (comm_.is_root()) test::write_fvecs(folder_.file("base.fvecs"), vectors());
        comm_.barrier();
        if (GetParam() == Metric::cosine) normalise_rows({values_.data(), rows, dim});
    }

    IndexInfo build(Communicator const& comm, std::string const& codes, std::string const& name) {
        BuildOptions options;
        options.type = "ivf";
        options.metric = GetParam();
        options.lists = lists;
        options.codes = codes;
        options.train_sample = 400;
        options.memory_bytes = 64 << 10;
        options.overwrite = true;
        options.threads = comm.size() == 1 ? 2 : 1;
        return build_index(comm, io::VectorSource::open(comm, folder_.file("base.fvecs")),
                           folder_.file(name), options);
    }

    MatrixView vectors() const { return {values_.data(), rows, dim}; }

    std::string bytes_of(std::string const& name) {
        MappedFile const file(folder_.file(name));
        return {reinterpret_cast<char const*>(file.data()), static_cast<std::size_t>(file.size())};
    }

    Communicator comm_;
    Topology topology_;
    test::SharedFolder folder_;
    std::vector<float> values_;
};

TEST_P(CodedIndexTest, FindsTheSameBytesAsFloatsDo) {
    if (comm_.size() > 2) return;  // each rank searches alone, in files that are always the same
    for (bool equal : {false, true}) {
        if (equal) use(std::vector<float>(rows * dim, 0.25f));
        IndexInfo const plain = build(comm_, "fp32", "fp32");
        auto const floats = open_index(folder_.file("fp32"), plain);
        for (std::string const codes : {"fp32", "fp16", "int8"}) {
            IndexInfo const info = build(comm_, codes, "coded");
            EXPECT_EQ(info.codes, codes);
            auto const index = open_index(folder_.file("coded"), info);
            EXPECT_EQ(index->info().codes, codes);
            for (int pass = 0; pass < 2; ++pass) {
                for (std::int64_t effort : {std::int64_t{1}, std::int64_t{4}, lists})
                    for (std::int64_t k : {std::int64_t{1}, std::int64_t{9}, rows + 2}) {
                        if (k > rows && effort != 4) continue;
                        if (equal && (k != 9 || effort == 4)) continue;
                        SearchOptions options;
                        options.effort = effort;
                        options.workspace_bytes = effort == 4 ? 1 << 16 : 0;
                        MatrixView const queries = vectors().slice(0, equal || k > rows ? 10 : 120);
                        expect_same_bytes(index->search(queries, k, options),
                                          floats->search(queries, k, options),
                                          codes + " " + std::to_string(k));
                    }
                expect_same_bytes(index->search_exactly(vectors().slice(0, 90), 7, {}),
                                  floats->search_exactly(vectors().slice(0, 90), 7, {}), codes);
                index->keep_little_in_memory();  // which results do not show
            }
            Matrix const some = index->vectors_at({799, 0, 5, 5});
            EXPECT_EQ(std::memcmp(some.row(0), vectors().row_data(799), dim * 4), 0);
            comm_.barrier();
        }
    }
}

TEST_P(CodedIndexTest, FilesAreTheSameForAnyNumberOfRanks) {
    for (std::string const codes : {"fp16", "int8"}) {
        build(comm_, codes, "together");
        if (comm_.is_root()) build(Communicator::self(), codes, "alone");
        comm_.barrier();
        EXPECT_TRUE(bytes_of("together") == bytes_of("alone")) << codes;
        EXPECT_TRUE(bytes_of("together.vectors") == bytes_of("alone.vectors")) << codes;
    }
}

TEST_P(CodedIndexTest, SharesFindTheSame) {
    IndexInfo const plain = build(comm_, "fp32", "fp32");
    auto const floats = open_index(folder_.file("fp32"), plain);
    MatrixView const mine =
        comm_.rank() == 1 ? vectors().slice(0, 0) : vectors().slice(comm_.rank() * 20, 120);
    SearchOptions five;
    five.effort = 5;
    double const radius =
        static_cast<double>(floats->search(vectors().slice(7, 8), 40, five).distances.row(0)[39]);
    auto const within = floats->search_within(mine, radius, 1 << 20, five);
    struct Node {
        bool several;
        std::int64_t memory;
    };
    for (std::string const codes : {"fp32", "fp16", "int8"})
        // A node that cannot hold the index reads it in order; the last holds all but the floats.
        for (Node const nodes : {Node{false, 1 << 30}, Node{false, 1 << 10}, Node{true, 1 << 10},
                                 Node{false, 50 << 10}}) {
            build(comm_, codes, "coded");
            test::ScopedEnv const each("PARTITA_RANKS_PER_NODE", nodes.several ? "1" : nullptr);
            Topology const topology(comm_);
            DistributeOptions options;
            options.cache_dir = folder_.path();
            options.node_memory_bytes = nodes.memory;
            for (Placement placement : {Placement::replicate, Placement::shard}) {
                options.placement = placement;
                NodeIndex const node =
                    distribute_index(comm_, topology, folder_.file("coded"), options);
                // 800 x 12 floats, halves or bytes, and 800 ids.
                std::int64_t const bytes = codes == "fp32" ? 44 : codes == "fp16" ? 25 : 16;
                EXPECT_EQ(node.read_in_order, bytes << 10 > nodes.memory * 6 / 10) << codes;
                for (std::int64_t effort : {std::int64_t{3}, lists}) {
                    SearchOptions search;
                    search.effort = effort;
                    expect_same_bytes(node.searcher->search(mine, 8, search),
                                      floats->search(mine, 8, search), codes);
                }
                SearchOptions some_lists;
                some_lists.effort = 5;
                auto const near = node.searcher->search_within(mine, radius, 1 << 20, some_lists);
                ASSERT_TRUE(near);
                EXPECT_EQ(near->ends, within->ends);
                EXPECT_EQ(near->positions, within->positions);
                EXPECT_EQ(near->distances, within->distances);
                EXPECT_FALSE(node.searcher->search_within(mine, radius, 3, some_lists));
                Matrix const some = node.searcher->vectors_at({5, 700});
                EXPECT_EQ(std::memcmp(some.row(1), vectors().row_data(700), dim * 4), 0);
            }
            comm_.barrier();
        }
}

TEST_P(CodedIndexTest, FaissReadsOurCodes) {
    for (std::string const codes : {"fp16", "int8"}) {
        IndexInfo const info = build(comm_, codes, "coded");
        std::unique_ptr<faiss::Index> const index(faiss::read_index(folder_.file("coded").c_str()));
        auto* const ivf = dynamic_cast<faiss::IndexIVF*>(index.get());
        ASSERT_NE(ivf, nullptr);
        ivf->make_direct_map();
        std::vector<float> row(dim);
        for (std::int64_t i = 0; i < rows; i += 13) {
            ivf->reconstruct(i, row.data());
            EXPECT_LE(std::sqrt(rank_distance(Metric::l2, row.data(), vectors().row_data(i), dim)),
                      info.coding_error * 1.001);
        }
        std::unique_ptr<faiss::Index> const originals(
            faiss::read_index(folder_.file("coded.vectors").c_str()));
        EXPECT_EQ(originals->ntotal, rows);
    }
}

TEST_P(CodedIndexTest, FaisssCodesAreSearchedAsTheyDecode) {
    bool const l2 = GetParam() == Metric::l2;
    if (GetParam() == Metric::cosine) return;  // decoded vectors have no length of 1
    for (auto type : {faiss::ScalarQuantizer::QT_fp16, faiss::ScalarQuantizer::QT_8bit}) {
        faiss::IndexFlat quantizer(dim, l2 ? faiss::METRIC_L2 : faiss::METRIC_INNER_PRODUCT);
        faiss::IndexIVFScalarQuantizer index(&quantizer, dim, 9, type, quantizer.metric_type);
        index.train(rows, values_.data());
        index.add(rows, values_.data());
        std::string const path = folder_.file("theirs");
        if (comm_.is_root()) faiss::write_index(&index, path.c_str());
        comm_.barrier();
        index.make_direct_map();
        std::vector<float> decoded(rows * dim);
        for (std::int64_t i = 0; i < rows; ++i) index.reconstruct(i, decoded.data() + i * dim);
        auto const ours = open_index(path, inspect_index(path, false));
        EXPECT_EQ(ours->info().type, "ivf");
        SearchOptions all;
        all.effort = 9;
        MatrixView const queries = vectors().slice(0, 60);
        Neighbors const found = ours->search(queries, 6, all);
        Neighbors const wanted =
            test::oracle_neighbors({decoded.data(), rows, dim}, queries, 6, GetParam());
        for (std::int64_t i = 0; i < 60 * 6; ++i) {
            EXPECT_EQ(found.positions.data()[i], wanted.positions.data()[i]) << i;
            EXPECT_FLOAT_EQ(found.distances.data()[i], wanted.distances.data()[i]) << i;
        }
        ours->keep_little_in_memory();
        expect_same_bytes(ours->search(queries, 6, all), found, "in order");
        comm_.barrier();
    }
}

TEST_P(CodedIndexTest, AllWithinARadiusAreFoundInOnePass) {
    if (comm_.size() > 2) return;  // as above
    MatrixView const queries = vectors().slice(0, 90);
    BuildOptions flat;
    flat.type = "flat";
    flat.metric = GetParam();
    IndexInfo const info =
        build_index(comm_, io::VectorSource::open(comm_, folder_.file("base.fvecs")),
                    folder_.file("flat"), flat);
    auto const exact = open_index(folder_.file("flat"), info);
    Neighbors const all = test::oracle_neighbors(vectors(), queries, rows, GetParam());
    SearchOptions every;
    every.effort = lists;
    std::int64_t found_any = 0;
    for (std::string const codes : {"fp32", "fp16", "int8"}) {
        auto const index = open_index(folder_.file("coded"), build(comm_, codes, "coded"));
        for (std::int64_t rank : {std::int64_t{0}, std::int64_t{30}, std::int64_t{500}}) {
            double const radius = static_cast<double>(all.distances.row(7)[rank]) * (1 + 1e-6);
            auto const found = index->search_within(queries, radius, 1 << 20, every);
            auto const wanted = exact->search_within(queries, radius, 1 << 20, {});
            ASSERT_TRUE(found && wanted);
            EXPECT_EQ(found->positions, wanted->positions) << codes << ' ' << rank;
            EXPECT_EQ(found->distances, wanted->distances);
            for (std::int64_t q = 0; q < queries.rows; ++q) {
                std::int64_t count = 0;
                while (count < rows && all.distances.row(q)[count] <= radius) ++count;
                // Rounding may take those at the very radius in or out.
                EXPECT_NEAR(static_cast<double>(wanted->count_of(q)), static_cast<double>(count),
                            1);
                found_any += count;
            }
            std::int64_t const entries = std::ssize(found->positions);
            EXPECT_FALSE(index->search_within(queries, radius, entries - 1, every));
            EXPECT_TRUE(index->search_within(queries, radius, entries, every));
        }
        EXPECT_TRUE(index->search_within(queries, -1e9, 10, every)->positions.empty());
        comm_.barrier();
    }
    EXPECT_GT(found_any, 1000);
}

TEST_P(CodedIndexTest, RefusesWhatCannotBeCoded) {
    if (GetParam() == Metric::cosine) return;  // whose numbers are at most 1
    values_[40] = 1e6f;
    use(values_);
    EXPECT_THROW(build(comm_, "fp16", "none"), CollectiveError);
    EXPECT_FALSE(file_exists(folder_.file("none")));
    EXPECT_THROW(build(comm_, "int7", "none"), CollectiveError);
}

INSTANTIATE_TEST_SUITE_P(Metrics, CodedIndexTest,
                         testing::Values(Metric::l2, Metric::cosine, Metric::inner_product),
                         [](auto const& info) { return to_string(info.param); });

}  // namespace
}  // namespace partita::knn::coded_index_test
