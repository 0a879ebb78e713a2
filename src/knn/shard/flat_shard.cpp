#include "knn/index/faiss_layout.hpp"
#include "knn/index/far_rows.hpp"
#include "knn/query_block.hpp"
#include "knn/ranked_search.hpp"
#include "knn/shard/row_shard.hpp"

#include "partita/comm/on_root.hpp"
#include "partita/knn/placement.hpp"

#include <algorithm>

namespace partita::knn {

namespace {

class FlatShard : public RowShard {
  public:
    FlatShard(Communicator const& comm, Topology const& topology, std::string const& path,
              IndexInfo const& info, std::int64_t memory_bytes)
        : RowShard(info), mine_(share_of(info.rows, comm.size(), comm.rank())) {
        MappedFile file;
        std::int64_t offset = 0;
        on_root(comm, [&] {
            file = MappedFile(path);
            FlatLayout const layout = read_flat_layout(file);
            offset = reinterpret_cast<std::byte const*>(layout.data) - file.data();
        });
        offset = comm.broadcast(offset);
        bytes_ = load_shards(
            comm, topology, path, file,
            [&](int rank) {
                RowRange const rows = share_of(info_.rows, comm.size(), rank);
                return std::vector<FilePart>{
                    {offset + rows.first * row_bytes(), rows.size() * row_bytes()}};
            },
            memory_bytes);
        share_bytes_ = mine_.size() * row_bytes();
        if (bytes_.is_mapped() && !mine_.empty() && !fits_node(share_bytes_, memory_bytes))
            far_.emplace(bytes_.mapping(), rows(), mine_.first, info_.metric);
    }

    RankedNeighbors search(MatrixView queries, std::int64_t k,
                           SearchOptions const& options) const override {
        if (mine_.empty()) {
            RankedNeighbors none(queries.rows, k);
            std::fill_n(none.data(), queries.rows * k, no_neighbor);
            if (options.progress) options.progress(queries.rows);
            return none;
        }
        if (far_) {
            RankedNeighbors found(queries.rows, k);
            far_->search(queries, k, options, found);
            return found;
        }
        ExactSearchOptions exact;
        exact.threads = options.threads;
        exact.workspace_bytes = options.workspace_bytes;
        exact.progress = options.progress;
        return exact_search_ranked(rows(), mine_.first, queries, k, info_.metric, exact);
    }

    bool can_search_within() const override { return true; }

    std::optional<RankedRows> search_within(MatrixView queries, double radius,
                                            std::int64_t most_entries,
                                            SearchOptions const& options) const override {
        if (mine_.empty())
            return RankedRows{std::vector<std::int64_t>(static_cast<std::size_t>(queries.rows)),
                              {}};
        std::vector<float> centre;
        if (far_) centre = far_->centre();
        if (!far_ && info_.metric == Metric::l2) centre = choose_centre(rows());
        QueryBlock block(queries, 1, info_.metric, centre, options.threads,
                         far_ ? &*far_ : nullptr);
        block.look_within(radius, most_entries);
        if (far_)
            far_->scan(block, 1, options.threads);
        else
            scan_all(block, rows(), mine_.first, options.threads);
        return block.finish_within_ranked();
    }

    bool reads_in_order() const override { return far_.has_value(); }

    RankedNeighbors search_exactly(MatrixView queries, std::int64_t k,
                                   SearchOptions const& options) const override {
        return search(queries, k, options);
    }

    void for_each_vector(VectorVisitor const& visit) const override {
        if (far_)
            return far_->for_each(
                [&](std::int64_t i, std::byte const* vector) { visit(mine_.first + i, vector); });
        for (std::int64_t i = 0; i < mine_.size(); ++i)
            visit(mine_.first + i, bytes_.part(0) + i * row_bytes());
    }

    std::vector<std::int64_t> efforts(std::int64_t) const override { return {}; }

    std::int64_t bytes_per_query(std::int64_t k) const override {
        return QueryBlock::bytes_per_query(info_.dim, k, far_.has_value());
    }

  private:
    std::int64_t row_bytes() const { return info_.dim * static_cast<std::int64_t>(sizeof(float)); }
    MatrixView rows() const {
        return {reinterpret_cast<float const*>(bytes_.part(0)), mine_.size(), info_.dim};
    }

    RowRange mine_;
    std::optional<FarRows> far_;  ///< Where memory does not hold them.
};

}  // namespace

std::unique_ptr<RowShard> flat_shard(Communicator const& comm, Topology const& topology,
                                     std::string const& path, IndexInfo const& info,
                                     std::int64_t memory_bytes) {
    return std::make_unique<FlatShard>(comm, topology, path, info, memory_bytes);
}

}  // namespace partita::knn
