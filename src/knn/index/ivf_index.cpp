#include "knn/group_by.hpp"
#include "knn/index/faiss_layout.hpp"
#include "knn/index/list_reader.hpp"
#include "knn/index/open.hpp"
#include "knn/nearest_centroids.hpp"
#include "knn/query_block.hpp"

#include "partita/core/error.hpp"
#include "partita/core/first_failure.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

#include <omp.h>

namespace partita::knn {

namespace {

/// Inverted lists, searched list by list: each list is read once for all the queries of a block
/// that look into it.
class IvfIndex : public Index {
  public:
    IvfIndex(MappedFile file, MappedFile originals, IndexInfo const& info)
        : Index(info),
          file_(std::move(file)),
          originals_file_(std::move(originals)),
          layout_(read_ivf_layout(file_)),
          nearest_({layout_.centroids.data, std::ssize(layout_.lists), dim()}, info.metric) {
        info_.type = "ivf";
        info_.codes = to_string(layout_.coding.kind);
        info_.lists = static_cast<std::int64_t>(layout_.lists.size());
        if (info_.default_effort == 0)
            info_.default_effort = std::clamp<std::int64_t>(layout_.nprobe, 8, info_.lists);
        find_lists();
        if (is_l2(info_.metric))
            centre_ = choose_centre({layout_.centroids.data, info_.lists, dim()});
    }

    Neighbors search(MatrixView queries, std::int64_t k,
                     SearchOptions const& options) const override {
        std::int64_t const nprobe = probes(options);
        return in_blocks(queries, k, nprobe, options, [&](QueryBlock& block, MatrixView part) {
            scan_probed(block, part, k, options);
        });
    }

    Neighbors search_exactly(MatrixView queries, std::int64_t k,
                             SearchOptions const& options) const override {
        return in_blocks(queries, k, 1, options,
                         [&](QueryBlock& block, MatrixView) { scan_all(block, k, options); });
    }

    bool can_search_within() const override { return true; }

    std::optional<NeighborRows> search_within(MatrixView queries, double radius,
                                              std::int64_t most_entries,
                                              SearchOptions const& options) const override {
        QueryBlock block(queries, 1, info_.metric, centre_, options.threads, vectors_.store());
        block.look_within(radius, most_entries);
        scan_probed(block, queries, 1, options);
        return block.finish_within();
    }

    std::int64_t workspace_per_query(std::int64_t k, SearchOptions const& options) const override {
        return bytes_per_query(k) + probes(options) * 8;
    }

    Matrix vectors_at(std::vector<std::int64_t> const& positions) const override;

    /// So many that a list, once packed, serves hundreds of queries; more would only be memory,
    /// unless lists must be read from the file for each block.
    std::int64_t queries_together(SearchOptions const& options) const override {
        std::int64_t const each = vectors_.lists_are_far() ? 4096 : 256;
        return std::max<std::int64_t>(1 << 14, each * info_.lists / probes(options));
    }

    void keep_little_in_memory() override {
        far_lists_ = std::make_unique<FarFile>(file_);
        vectors_.set_lists_far(far_lists_.get());
        std::iota(order_.begin(), order_.end(), 0);
        keep_originals_on_disk();
    }

    void keep_originals_on_disk() override {
        if (vectors_.originals().empty()) return;
        far_originals_ = std::make_unique<FarFile>(originals_file_);
        vectors_.set_originals_far(far_originals_.get());
    }

    std::vector<std::int64_t> efforts(std::int64_t) const override {
        return ivf_efforts(info_.lists);
    }

    bool has_places() const override { return vectors_.are_at_hand(); }
    VectorPlaces vector_places() const override;

  private:
    std::int64_t probes(SearchOptions const& options) const {
        return std::min(options.effort > 0 ? options.effort : info_.default_effort, info_.lists);
    }

    std::int64_t bytes_per_query(std::int64_t k) const {
        RowStore const* const store = vectors_.store();
        return QueryBlock::bytes_per_query(dim(), k, store && store->is_far());
    }

    void find_lists() {
        for (std::size_t l = 0; l < layout_.lists.size(); ++l)
            lists_.push_back({static_cast<std::int32_t>(l), layout_.lists[l].size,
                              layout_.lists[l].codes, layout_.lists[l].ids});
        vectors_ = ListVectors(layout_.coding, {layout_.centroids.data, info_.lists, dim()},
                               read_originals(originals_file_, info_), info_.coding_error);
        vectors_.set_lists(lists_);
        // Long lists first, so that no thread starts a long one when the others are done.
        order_.resize(lists_.size());
        std::iota(order_.begin(), order_.end(), 0);
        std::stable_sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) {
            return lists_[a].count > lists_[b].count;
        });
    }

    template <class ScanBlock>
    Neighbors in_blocks(MatrixView queries, std::int64_t k, std::int64_t nprobe,
                        SearchOptions const& options, ScanBlock scan_block) const {
        Neighbors found(queries.rows, k);
        std::int64_t const workspace =
            options.workspace_bytes > 0 ? options.workspace_bytes : std::int64_t{64} << 20;
        std::int64_t const per_query = bytes_per_query(k) + nprobe * 8;
        std::int64_t const enough = queries_together(options);
        std::int64_t const block_rows = std::clamp<std::int64_t>(workspace / per_query, 96, enough);
        for (std::int64_t first = 0; first < queries.rows; first += block_rows) {
            std::int64_t const last = std::min(first + block_rows, queries.rows);
            MatrixView const part = queries.slice(first, last);
            QueryBlock block(part, k, info_.metric, centre_, options.threads, vectors_.store());
            scan_block(block, part);
            block.finish(found, first, options.threads);
            if (options.progress) options.progress(last - first);
        }
        return found;
    }

    /// Let queries see the lists that they probe.
    void scan_probed(QueryBlock& block, MatrixView queries, std::int64_t k,
                     SearchOptions const& options) const {
        std::int64_t const nprobe = probes(options);
        if (nprobe == info_.lists) return scan_all(block, k, options);
        std::vector<std::int32_t> probed(static_cast<std::size_t>(queries.rows * nprobe));
        // What a query's nearest list holds tells its other lists what is too far. To pack lists
        // twice for that pays if many queries want each; to read them twice from a file does not.
        bool const nearest_first =
            nprobe > 1 && queries.rows >= 4 * info_.lists && !vectors_.lists_are_far();
        std::vector<std::int32_t> likely(nearest_first ? static_cast<std::size_t>(queries.rows)
                                                       : 0);
        nearest_.find(queries, nprobe, probed.data(), options.threads,
                      nearest_first ? likely.data() : nullptr);
        if (nearest_first) {
            scan(block, group_by(likely, 1, layout_.lists.size()), k, options);
            for (std::size_t i = 0; i < probed.size(); ++i)
                if (probed[i] == likely[i / static_cast<std::size_t>(nprobe)]) probed[i] = -1;
        }
        scan(block, group_by(probed, nprobe, layout_.lists.size()), k, options);
    }

    void scan(QueryBlock& block, Groups const& grouped, std::int64_t k,
              SearchOptions const& options) const {
        for_lists(k, options, [&](std::size_t list, ListReader& reader) {
            reader.scan(lists_[list], block, grouped.of(list));
        });
    }

    void scan_all(QueryBlock& block, std::int64_t k, SearchOptions const& options) const {
        for_lists(k, options, [&](std::size_t list, ListReader& reader) {
            reader.scan(lists_[list], block, std::nullopt);
        });
    }

    template <class Visit>
    void for_lists(std::int64_t k, SearchOptions const& options, Visit visit) const {
        int const threads = options.threads > 0 ? options.threads : omp_get_max_threads();
        FirstFailure failure;
#pragma omp parallel num_threads(threads)
        {
            ListReader reader(vectors_, k);
#pragma omp for schedule(dynamic, 1)
            for (std::size_t i = 0; i < order_.size(); ++i)
                failure.run([&] {
                    auto const next = i + static_cast<std::size_t>(threads);
                    if (next < order_.size()) vectors_.announce(lists_[order_[next]]);
                    visit(order_[i], reader);
                });
        }
        failure.rethrow();
    }

    MappedFile file_, originals_file_;
    IvfLayout layout_;
    NearestCentroids nearest_;
    std::vector<ListRows> lists_;
    ListVectors vectors_;
    std::unique_ptr<FarFile> far_lists_, far_originals_;
    std::vector<std::size_t> order_;
    std::vector<float> centre_;
};

VectorPlaces IvfIndex::vector_places() const {
    constexpr std::int64_t ids_at_a_time = 4096;
    VectorPlaces places{Buffer<float const*>(rows()), Buffer<std::uint32_t>(rows()),
                        Buffer<std::int32_t>(rows())};
    std::fill(places.of.begin(), places.of.end(), nullptr);
    std::int64_t ids[ids_at_a_time], seen = 0;
    for (std::size_t l = 0; l < lists_.size(); ++l) {
        ListRows const& list = lists_[l];
        for (std::int64_t i = 0; i < list.count; ++i) {
            if (i % ids_at_a_time == 0)
                vectors_.read_ids(list, i, std::min(ids_at_a_time, list.count - i), ids);
            std::int64_t const id = ids[i % ids_at_a_time];
            check(id >= 0 && id < rows() && seen < rows() && places.of[id] == nullptr,
                  "{}: expected each position from 0 to {} once, got {}", file_.path(), rows() - 1,
                  id);
            places.of[id] = vectors_.place(list, i, id);
            places.order[seen++] = static_cast<std::uint32_t>(id);
            places.list[id] = static_cast<std::int32_t>(l);
        }
    }
    check(seen == rows(), "{}: expected {} vectors, got {}", file_.path(), rows(), seen);
    return places;
}

Matrix IvfIndex::vectors_at(std::vector<std::int64_t> const& positions) const {
    if (!vectors_.originals().empty()) return vectors_.originals_at(positions);
    // The file keeps no map from ids to places: one pass over the ids finds all that are wanted.
    constexpr std::int64_t ids_at_a_time = 4096;
    std::vector<std::pair<std::int64_t, std::size_t>> wanted;
    for (std::size_t i = 0; i < positions.size(); ++i) wanted.emplace_back(positions[i], i);
    std::sort(wanted.begin(), wanted.end());
    Matrix vectors(static_cast<std::int64_t>(positions.size()), dim());
    std::vector<std::int64_t> ids(ids_at_a_time);
    std::size_t found = 0;
    for (ListRows const& list : lists_) {
        for (std::int64_t i = 0; i < list.count; ++i) {
            if (i % ids_at_a_time == 0)
                vectors_.read_ids(list, i, std::min(ids_at_a_time, list.count - i), ids.data());
            std::int64_t const id = ids[static_cast<std::size_t>(i % ids_at_a_time)];
            auto at = std::lower_bound(wanted.begin(), wanted.end(), std::pair{id, std::size_t{0}});
            for (; at != wanted.end() && at->first == id; ++at, ++found)
                vectors_.decode(list, i, 1, vectors.row(static_cast<std::int64_t>(at->second)));
        }
    }
    check(found >= positions.size(), "{}: the index has no vector of one of the asked positions",
          file_.path());
    return vectors;
}

}  // namespace

std::unique_ptr<Index> open_ivf_index(MappedFile file, MappedFile originals,
                                      IndexInfo const& info) {
    return std::make_unique<IvfIndex>(std::move(file), std::move(originals), info);
}

}  // namespace partita::knn
