#include "knn/faiss_kernels.hpp"
#include "support/knn_oracle.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <faiss/IndexFlat.h>
#include <faiss/IndexHNSW.h>
#include <faiss/IndexIVFFlat.h>
#include <faiss/impl/AuxIndexStructures.h>
#include <faiss/impl/DistanceComputer.h>
#include <faiss/utils/Heap.h>
#include <gtest/gtest.h>

namespace partita::knn {

// FAISS's own, which the linker keeps under this name.
faiss::HNSWStats
faiss_hnsw_search(faiss::HNSW const*, faiss::DistanceComputer&, int, std::int64_t*, float*, faiss::VisitedTable&, faiss::SearchParametersHNSW const*) asm(
    "__real__ZNK5faiss4HNSW6searchERNS_16DistanceComputerEiPlPfRNS_12VisitedTableEPKNS_20"
    "SearchParametersHNSWE");

namespace {

using test::normal_vectors;

struct Found {
    Found(std::int64_t queries, std::int64_t k)
        : distances(static_cast<std::size_t>(queries * k)), ids(distances.size()) {}
    std::vector<float> distances;
    std::vector<std::int64_t> ids;
};

Found search(faiss::Index const& index, std::vector<float> const& queries, std::int64_t k) {
    auto const count = static_cast<std::int64_t>(queries.size()) / index.d;
    Found found(count, k);
    index.search(count, queries.data(), k, found.distances.data(), found.ids.data());
    return found;
}

void expect_oracle(Metric metric, std::int64_t rows, std::int64_t k) {
    auto base = normal_vectors(rows, 9, 1);
    std::copy_n(base.begin(), 9 * (rows / 2), base.end() - 9 * (rows / 2));  // ties
    auto const queries = normal_vectors(30, 9, 2);
    faiss::IndexFlat index(9,
                           metric == Metric::l2 ? faiss::METRIC_L2 : faiss::METRIC_INNER_PRODUCT);
    index.add(rows, base.data());
    Found const found = search(index, queries, k);
    auto const truth =
        test::oracle_neighbors({base.data(), rows, 9}, {queries.data(), 30, 9}, k, metric);
    constexpr float worst = std::numeric_limits<float>::max();
    for (std::int64_t i = 0; i < 30 * k; ++i) {
        EXPECT_EQ(found.ids[static_cast<std::size_t>(i)], truth.positions.data()[i]) << i;
        float expected = truth.distances.data()[i];
        if (truth.positions.data()[i] < 0)
            expected = metric == Metric::l2 ? worst : -worst;
        else
            expected = metric == Metric::l2 ? expected * expected : -expected;
        EXPECT_NEAR(found.distances[static_cast<std::size_t>(i)] / expected, 1, 1e-5) << i;
    }
}

TEST(FaissSearches, FlatSearchIsExactWithTiesToTheSmallerId) {
    for (Metric const metric : {Metric::l2, Metric::inner_product}) {
        expect_oracle(metric, 500, 7);
        expect_oracle(metric, 70, 80);  // more than there are
        expect_oracle(metric, 70, 1);
    }
}

TEST(FaissSearches, WhatOurEngineDoesNotTakeIsLeftToFaiss) {
    auto const base = normal_vectors(100, 4, 3);
    faiss::IndexFlatL2 index(4);
    index.add(100, base.data());
    auto queries = normal_vectors(25, 4, 4);
    queries[5] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_EQ(search(index, queries, 3).ids.size(), 75u);
    std::vector<float> const few(base.begin() + 12, base.begin() + 20);
    EXPECT_EQ(search(index, few, 1).ids, (std::vector<std::int64_t>{3, 4}));
}

TEST(FaissSearches, AClusteringIsAsGood) {
    auto const base = normal_vectors(3000, 6, 5);
    faiss::IndexFlatL2 coarse(6);
    faiss::IndexIVFFlat index(&coarse, 6, 70);
    index.train(3000, base.data());
    index.add(3000, base.data());
    index.nprobe = 70;
    Found const found = search(index, base, 1);
    for (std::int64_t i = 0; i < 3000; ++i) EXPECT_EQ(found.ids[static_cast<std::size_t>(i)], i);
    double sum = 0;  // of squared distances to the nearest centroid
    for (float distance : search(coarse, base, 1).distances) sum += static_cast<double>(distance);
    EXPECT_LT(sum / 3000, 2.0);  // 6 without clusters
}

/// The search that IndexHNSW makes, by FAISS's function.
Found faiss_search(faiss::IndexHNSW const& index, std::vector<float> const& queries, int k) {
    auto const count = static_cast<std::int64_t>(queries.size()) / index.d;
    Found found(count, k);
    faiss::VisitedTable visited(static_cast<int>(index.ntotal));
    std::unique_ptr<faiss::DistanceComputer> const distance(index.storage->get_distance_computer());
    for (std::int64_t q = 0; q < count; ++q) {
        distance->set_query(queries.data() + q * index.d);
        float* const distances = found.distances.data() + q * k;
        std::int64_t* const ids = found.ids.data() + q * k;
        faiss::maxheap_heapify(static_cast<std::size_t>(k), distances, ids);
        faiss_hnsw_search(&index.hnsw, *distance, k, ids, distances, visited, nullptr);
        faiss::maxheap_reorder(static_cast<std::size_t>(k), distances, ids);
    }
    return found;
}

TEST(FaissSearches, GraphsAreSearchedAsFaissDoesOrBetter) {
    auto const base = normal_vectors(2000, 12, 6), queries = normal_vectors(100, 12, 7);
    faiss::IndexHNSWFlat flat(12, 6);
    faiss::IndexHNSWSQ quantised(12, faiss::ScalarQuantizer::QT_8bit, 6);
    for (faiss::IndexHNSW* index :
         {static_cast<faiss::IndexHNSW*>(&flat), static_cast<faiss::IndexHNSW*>(&quantised)}) {
        index->train(2000, base.data());
        index->add(2000, base.data());
        for (int ef : {1, 16, 200})
            for (int k : {1, 10}) {
                index->hnsw.efSearch = ef;
                Found const ours = search(*index, queries, k);
                Found const theirs = faiss_search(*index, queries, k);
                int same = 0;
                for (std::size_t i = 0; i < ours.ids.size(); ++i) {
                    // FAISS 1.7.3 may stop before it expanded all that it should.
                    EXPECT_LE(ours.distances[i], theirs.distances[i]) << "ef " << ef;
                    same += ours.ids[i] == theirs.ids[i];
                }
                EXPECT_GT(same, (ef < 16    ? 50
                                 : ef < 200 ? 85
                                            : 99) *
                                    k)
                    << "ef " << ef << ", k " << k;
            }
    }
    faiss::IndexHNSWFlat tiny(12, 6);
    tiny.add(3, base.data());
    Found const found = search(tiny, queries, 5);
    EXPECT_EQ(found.ids[3], -1);
    EXPECT_GE(found.ids[2], 0);
}

TEST(FaissSearches, InnerProductGraphsAndOtherSettings) {
    auto const base = normal_vectors(600, 8, 8);
    faiss::IndexHNSWFlat index(8, 12, faiss::METRIC_INNER_PRODUCT);
    index.add(600, base.data());
    index.hnsw.efSearch = 600;
    Found const ours = search(index, base, 3);
    faiss::SearchParametersHNSW steps;
    steps.efSearch = 600;
    steps.check_relative_distance = false;  // FAISS's own search
    Found theirs(600, 3);
    index.search(600, base.data(), 3, theirs.distances.data(), theirs.ids.data(), &steps);
    EXPECT_EQ(ours.ids, theirs.ids);
}

}  // namespace
}  // namespace partita::knn
