// Searches of FAISS 1.7.3 that are done here instead. The linker sends FAISS's own calls of a
// function f to __wrap_f, and our calls of __real_f to the original (its option --wrap;
// cmake/FaissKernels.cmake checks that the archive has these calls).

#include "knn/index/graph_walk.hpp"
#include "knn/ranked_search.hpp"

#include <algorithm>
#include <bit>
#include <limits>

#include <faiss/impl/AuxIndexStructures.h>
#include <faiss/impl/DistanceComputer.h>
#include <faiss/impl/HNSW.h>
#include <faiss/utils/Heap.h>

namespace partita::knn {

// External linkage, as the linker must see them.
using faiss::HNSW;
using idx_t = faiss::Index::idx_t;
using faiss::HNSWStats;
using faiss::IDSelector;

using KnnL2 = void(float const*, float const*, std::size_t, std::size_t, std::size_t,
                   faiss::float_maxheap_array_t*, float const*, IDSelector const*);
using KnnIp = void(float const*, float const*, std::size_t, std::size_t, std::size_t,
                   faiss::float_minheap_array_t*, IDSelector const*);
using HnswSearch = HNSWStats(HNSW const*, faiss::DistanceComputer&, int, idx_t*, float*,
                             faiss::VisitedTable&, faiss::SearchParametersHNSW const*);

#define PARTITA_KNN_L2 \
    "_ZN5faiss9knn_L2sqrEPKfS1_mmmPNS_9HeapArrayINS_4CMaxIflEEEES1_PKNS_10IDSelectorE"
#define PARTITA_KNN_IP \
    "_ZN5faiss17knn_inner_productEPKfS1_mmmPNS_9HeapArrayINS_4CMinIflEEEEPKNS_10IDSelectorE"
#define PARTITA_HNSW_SEARCH                                                                   \
    "_ZNK5faiss4HNSW6searchERNS_16DistanceComputerEiPlPfRNS_12VisitedTableEPKNS_20SearchPara" \
    "metersHNSWE"
KnnL2 real_knn_l2 asm("__real_" PARTITA_KNN_L2);
KnnL2 wrapped_knn_l2 asm("__wrap_" PARTITA_KNN_L2);
KnnIp real_knn_ip asm("__real_" PARTITA_KNN_IP);
KnnIp wrapped_knn_ip asm("__wrap_" PARTITA_KNN_IP);
HnswSearch real_hnsw_search asm("__real_" PARTITA_HNSW_SEARCH);
HnswSearch wrapped_hnsw_search asm("__wrap_" PARTITA_HNSW_SEARCH);

namespace {

bool all_finite(float const* values, std::size_t count) {
    std::uint32_t others = 0;  // whether an exponent is that of infinities and NaNs
    for (std::size_t i = 0; i < count; ++i)
        others |= (std::bit_cast<std::uint32_t>(values[i]) & 0x7f800000u) == 0x7f800000u ? 1 : 0;
    return others == 0;
}

/// Whether the exact engine is the better one: FAISS's own turns to BLAS at 20 queries too.
bool worth_engine(float const* x, float const* y, std::size_t d, std::size_t nx, std::size_t ny,
                  std::size_t k, IDSelector const* selected) {
    return selected == nullptr && nx >= 20 && ny >= 64 && k >= 1 && d >= 1 &&
           all_finite(x, nx * d) && all_finite(y, ny * d);
}

/// As FAISS leaves results: ascending by distance, padded with -1 and the worst value.
void search_exactly(float const* x, float const* y, std::size_t d, std::size_t nx, std::size_t ny,
                    std::size_t k, Metric metric, std::int64_t* ids, float* values) {
    auto const rows = static_cast<std::int64_t>(ny), dim = static_cast<std::int64_t>(d);
    // Queries at a time, since the engine's results take more than FAISS's.
    std::size_t const block = std::max<std::size_t>(2048, (std::size_t{1} << 22) / k);
    float const sign = metric == Metric::l2 ? 1.0f : -1.0f;
    for (std::size_t first = 0; first < nx; first += block) {
        std::size_t const count = std::min(block, nx - first);
        auto const found = exact_search_ranked(
            {y, rows, dim}, 0, {x + first * d, static_cast<std::int64_t>(count), dim},
            static_cast<std::int64_t>(k), metric, {});
        for (std::size_t i = 0; i < count * k; ++i) {
            RankedNeighbor const& neighbor = found.data()[i];
            bool const exists = neighbor.position != no_neighbor.position;
            ids[first * k + i] = exists ? neighbor.position : -1;
            values[first * k + i] = sign * (exists ? static_cast<float>(neighbor.distance)
                                                   : std::numeric_limits<float>::max());
        }
    }
}

class FaissGraph {
  public:
    explicit FaissGraph(HNSW const& hnsw) : hnsw_(hnsw) {}
    std::int64_t rows() const { return static_cast<std::int64_t>(hnsw_.levels.size()); }
    LinkList links(std::int32_t node, int level) const {
        int const* sums = hnsw_.cum_nneighbor_per_level.data() + level;
        auto const* first =
            hnsw_.neighbors.data() + hnsw_.offsets[static_cast<std::size_t>(node)] + sums[0];
        return {reinterpret_cast<std::byte const*>(first), sums[1] - sums[0]};
    }

  private:
    HNSW const& hnsw_;
};

/// FAISS's own distances, of vectors that are fetched ahead where they can be found.
class FaissScorer {
  public:
    explicit FaissScorer(faiss::DistanceComputer& distance)
        : distance_(&distance),
          codes_(dynamic_cast<faiss::FlatCodesDistanceComputer*>(&distance)) {}

    void operator()(std::int32_t const* nodes, std::int64_t count, float* scores) const {
        if (codes_ == nullptr) {
            for (std::int64_t i = 0; i < count; ++i) scores[i] = (*distance_)(nodes[i]);
            return;
        }
        constexpr std::int64_t ahead = 4;
        for (std::int64_t i = 0; i < std::min(count, ahead); ++i) fetch(nodes[i]);
        for (std::int64_t i = 0; i < count; ++i) {
            if (i + ahead < count) fetch(nodes[i + ahead]);
            scores[i] = codes_->distance_to_code(code(nodes[i]));
        }
    }

  private:
    std::uint8_t const* code(std::int32_t node) const {
        return codes_->codes + static_cast<std::size_t>(node) * codes_->code_size;
    }
    void fetch(std::int32_t node) const {
        std::uint8_t const* bytes = code(node);
        for (std::size_t at = 0; at < codes_->code_size && at < 2048; at += 64)
            __builtin_prefetch(bytes + at);
    }

    faiss::DistanceComputer* distance_;
    faiss::FlatCodesDistanceComputer* codes_;
};

/// FAISS's marks, which are clear when a search begins and must be when it ends.
class FaissMarks {
  public:
    explicit FaissMarks(faiss::VisitedTable& table)
        : marks_(table.visited.data()), epoch_(static_cast<std::uint8_t>(table.visno)) {}
    void restart() {}
    bool mark(std::int32_t node) {
        bool const fresh = marks_[node] != epoch_;
        marks_[node] = epoch_;
        return fresh;
    }

  private:
    std::uint8_t* marks_;
    std::uint8_t epoch_;
};

/// What FAISS does unless told otherwise; anything else is left to it.
bool usual_search(HNSW const& hnsw, faiss::SearchParametersHNSW const* parameters) {
    bool const usual_stop = parameters
                                ? parameters->check_relative_distance && parameters->sel == nullptr
                                : hnsw.check_relative_distance;
    return hnsw.entry_point >= 0 && hnsw.upper_beam == 1 && hnsw.search_bounded_queue && usual_stop;
}

HNSWStats search_graph(HNSW const& hnsw, faiss::DistanceComputer& distance, int k, idx_t* ids,
                       float* values, faiss::VisitedTable& visited, int ef) {
    static thread_local WalkBuffers buffers;
    FaissGraph const graph(hnsw);
    GraphWalk const walk(graph, FaissScorer(distance), buffers);
    FaissMarks marks(visited);
    Reached const nearest = walk.descend_from_top(hnsw.entry_point, hnsw.max_level);
    walk.search(nearest, 0, ef, k, marks);
    visited.advance();
    // The caller expects a heap, the farthest first: descending order is one.
    std::int64_t const found = std::min<std::int64_t>(k, buffers.nearest.size());
    for (std::int64_t i = 0; i < k; ++i) {
        bool const exists = i < found;
        values[k - 1 - i] = exists ? buffers.nearest[i].score : std::numeric_limits<float>::max();
        ids[k - 1 - i] = exists ? buffers.nearest[i].node : -1;
    }
    return {1, 0, 0, 0, 0};
}

}  // namespace

void wrapped_knn_l2(float const* x, float const* y, std::size_t d, std::size_t nx, std::size_t ny,
                    faiss::float_maxheap_array_t* result, float const* y_squares,
                    IDSelector const* selected) {
    if (worth_engine(x, y, d, nx, ny, result->k, selected))
        search_exactly(x, y, d, nx, ny, result->k, Metric::l2, result->ids, result->val);
    else
        real_knn_l2(x, y, d, nx, ny, result, y_squares, selected);
}

void wrapped_knn_ip(float const* x, float const* y, std::size_t d, std::size_t nx, std::size_t ny,
                    faiss::float_minheap_array_t* result, IDSelector const* selected) {
    if (worth_engine(x, y, d, nx, ny, result->k, selected))
        search_exactly(x, y, d, nx, ny, result->k, Metric::inner_product, result->ids, result->val);
    else
        real_knn_ip(x, y, d, nx, ny, result, selected);
}

HNSWStats wrapped_hnsw_search(HNSW const* hnsw, faiss::DistanceComputer& distance, int k,
                              idx_t* ids, float* values, faiss::VisitedTable& visited,
                              faiss::SearchParametersHNSW const* parameters) {
    if (!usual_search(*hnsw, parameters))
        return real_hnsw_search(hnsw, distance, k, ids, values, visited, parameters);
    return search_graph(*hnsw, distance, k, ids, values, visited,
                        parameters ? parameters->efSearch : hnsw->efSearch);
}

}  // namespace partita::knn
