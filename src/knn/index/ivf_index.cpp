#include "knn/group_by.hpp"
#include "knn/index/faiss_layout.hpp"
#include "knn/index/open.hpp"
#include "knn/nearest_centroids.hpp"
#include "knn/query_block.hpp"

#include "partita/core/error.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

#include <omp.h>

namespace partita::knn {

namespace {

/// Inverted lists, searched list by list: each list is read once for all the queries of a block
/// that look into it.
class IvfIndex : public Index {
  public:
    IvfIndex(MappedFile file, IndexInfo const& info)
        : Index(info),
          file_(std::move(file)),
          layout_(read_ivf_layout(file_)),
          nearest_({layout_.centroids.data, std::ssize(layout_.lists), dim()}, info.metric) {
        info_.type = "ivf";
        info_.lists = static_cast<std::int64_t>(layout_.lists.size());
        if (info_.default_effort == 0)
            info_.default_effort = std::clamp<std::int64_t>(layout_.nprobe, 8, info_.lists);
        order_by_size();
        if (is_l2(info_.metric))
            centre_ = choose_centre({layout_.centroids.data, info_.lists, dim()});
    }

    Neighbors search(MatrixView queries, std::int64_t k,
                     SearchOptions const& options) const override {
        std::int64_t const nprobe = probes(options);
        return in_blocks(queries, k, nprobe, options, [&](QueryBlock& block, MatrixView part) {
            if (nprobe == info_.lists) return scan_all(block, k, options);
            std::vector<std::int32_t> probed(static_cast<std::size_t>(part.rows * nprobe));
            nearest_.find(part, nprobe, probed.data(), options.threads);
            scan(block, group_by(probed, nprobe, layout_.lists.size()), k, options);
        });
    }

    Neighbors search_exactly(MatrixView queries, std::int64_t k,
                             SearchOptions const& options) const override {
        return in_blocks(queries, k, 1, options,
                         [&](QueryBlock& block, MatrixView) { scan_all(block, k, options); });
    }

    std::int64_t workspace_per_query(std::int64_t k, SearchOptions const& options) const override {
        return QueryBlock::bytes_per_query(dim(), k) + probes(options) * 8;
    }

    Matrix vectors_at(std::vector<std::int64_t> const& positions) const override;

    std::vector<std::int64_t> efforts(std::int64_t) const override {
        return ivf_efforts(info_.lists);
    }

  private:
    std::int64_t probes(SearchOptions const& options) const {
        return std::min(options.effort > 0 ? options.effort : info_.default_effort, info_.lists);
    }

    /// Long lists first, so that no thread starts a long one when the others are done.
    void order_by_size() {
        order_.resize(layout_.lists.size());
        std::iota(order_.begin(), order_.end(), 0);
        std::stable_sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) {
            return layout_.lists[a].size > layout_.lists[b].size;
        });
    }

    template <class ScanBlock>
    Neighbors in_blocks(MatrixView queries, std::int64_t k, std::int64_t nprobe,
                        SearchOptions const& options, ScanBlock scan_block) const {
        Neighbors found(queries.rows, k);
        std::int64_t const workspace =
            options.workspace_bytes > 0 ? options.workspace_bytes : std::int64_t{64} << 20;
        std::int64_t const per_query = QueryBlock::bytes_per_query(dim(), k) + nprobe * 8;
        // So many that a list, once packed, serves hundreds of queries; more would only be memory.
        std::int64_t const enough = std::max<std::int64_t>(1 << 14, 256 * info_.lists / nprobe);
        std::int64_t const block_rows = std::clamp<std::int64_t>(workspace / per_query, 96, enough);
        for (std::int64_t first = 0; first < queries.rows; first += block_rows) {
            std::int64_t const last = std::min(first + block_rows, queries.rows);
            MatrixView const part = queries.slice(first, last);
            QueryBlock block(part, k, info_.metric, centre_, options.threads);
            scan_block(block, part);
            block.finish(found, first, options.threads);
            if (options.progress) options.progress(last - first);
        }
        return found;
    }

    void scan(QueryBlock& block, Groups const& grouped, std::int64_t k,
              SearchOptions const& options) const {
        for_lists(k, options, [&](std::size_t list, ListReader& reader) {
            auto const queries = grouped.of(list);
            if (!queries.empty()) reader.scan(layout_.lists[list], dim(), block, queries);
        });
    }

    void scan_all(QueryBlock& block, std::int64_t k, SearchOptions const& options) const {
        for_lists(k, options, [&](std::size_t list, ListReader& reader) {
            if (layout_.lists[list].size > 0) reader.scan(layout_.lists[list], dim(), block, {});
        });
    }

    /// One thread's means to scan lists.
    struct ListReader {
        ScanWorkspace workspace;
        std::vector<std::int64_t> ids;  // an aligned copy: ids in the file are not

        void scan(ListLayout const& list, std::int64_t dim, QueryBlock& block,
                  std::span<std::int32_t const> queries) {
            ids.resize(static_cast<std::size_t>(list.size));
            if (list.size > 0) std::memcpy(ids.data(), list.ids, ids.size() * sizeof(std::int64_t));
            MatrixView const rows{list.vectors, list.size, dim};
            if (queries.empty())
                block.scan(rows, {ids.data(), 0}, workspace);
            else
                block.scan(rows, {ids.data(), 0}, queries, workspace);
        }
    };

    template <class Visit>
    void for_lists(std::int64_t k, SearchOptions const& options, Visit visit) const {
        int const threads = options.threads > 0 ? options.threads : omp_get_max_threads();
#pragma omp parallel num_threads(threads)
        {
            ListReader reader{ScanWorkspace(dim(), k), {}};
#pragma omp for schedule(dynamic, 1)
            for (std::size_t i = 0; i < order_.size(); ++i) visit(order_[i], reader);
        }
    }

    MappedFile file_;
    IvfLayout layout_;
    NearestCentroids nearest_;
    std::vector<std::size_t> order_;
    std::vector<float> centre_;
};

Matrix IvfIndex::vectors_at(std::vector<std::int64_t> const& positions) const {
    // The file keeps no map from ids to places: one pass over the ids finds all that are wanted.
    std::vector<std::pair<std::int64_t, std::size_t>> wanted;
    for (std::size_t i = 0; i < positions.size(); ++i) wanted.emplace_back(positions[i], i);
    std::sort(wanted.begin(), wanted.end());
    Matrix vectors(static_cast<std::int64_t>(positions.size()), dim());
    std::size_t found = 0;
    for (ListLayout const& list : layout_.lists) {
        for (std::int64_t i = 0; i < list.size; ++i) {
            auto const id = load_at<std::int64_t>(list.ids, i);
            auto at = std::lower_bound(wanted.begin(), wanted.end(), std::pair{id, std::size_t{0}});
            for (; at != wanted.end() && at->first == id; ++at, ++found)
                std::memcpy(vectors.row(static_cast<std::int64_t>(at->second)),
                            reinterpret_cast<std::byte const*>(list.vectors) + i * dim() * 4,
                            static_cast<std::size_t>(dim()) * sizeof(float));
        }
    }
    check(found >= positions.size(), "{}: the index has no vector of one of the asked positions",
          file_.path());
    return vectors;
}

}  // namespace

std::unique_ptr<Index> open_ivf_index(MappedFile file, IndexInfo const& info) {
    return std::make_unique<IvfIndex>(std::move(file), info);
}

}  // namespace partita::knn
