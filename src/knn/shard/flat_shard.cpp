#include "knn/index/faiss_layout.hpp"
#include "knn/query_block.hpp"
#include "knn/ranked_search.hpp"
#include "knn/shard/row_shard.hpp"

#include "partita/comm/on_root.hpp"

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
    }

    RankedNeighbors search(MatrixView queries, std::int64_t k,
                           SearchOptions const& options) const override {
        if (mine_.empty()) {
            RankedNeighbors none(queries.rows, k);
            std::fill_n(none.data(), queries.rows * k, no_neighbor);
            if (options.progress) options.progress(queries.rows);
            return none;
        }
        ExactSearchOptions exact;
        exact.threads = options.threads;
        exact.workspace_bytes = options.workspace_bytes;
        exact.progress = options.progress;
        auto const* const rows = reinterpret_cast<float const*>(bytes_.part(0));
        return exact_search_ranked({rows, mine_.size(), info_.dim}, mine_.first, queries, k,
                                   info_.metric, exact);
    }

    RankedNeighbors search_exactly(MatrixView queries, std::int64_t k,
                                   SearchOptions const& options) const override {
        return search(queries, k, options);
    }

    void for_each_vector(VectorVisitor const& visit) const override {
        for (std::int64_t i = 0; i < mine_.size(); ++i)
            visit(mine_.first + i, bytes_.part(0) + i * row_bytes());
    }

    std::vector<std::int64_t> efforts(std::int64_t) const override { return {}; }

    std::int64_t bytes_per_query(std::int64_t k) const override {
        return QueryBlock::bytes_per_query(info_.dim, k);
    }

  private:
    std::int64_t row_bytes() const { return info_.dim * static_cast<std::int64_t>(sizeof(float)); }

    RowRange mine_;
};

}  // namespace

std::unique_ptr<RowShard> flat_shard(Communicator const& comm, Topology const& topology,
                                     std::string const& path, IndexInfo const& info,
                                     std::int64_t memory_bytes) {
    return std::make_unique<FlatShard>(comm, topology, path, info, memory_bytes);
}

}  // namespace partita::knn
