#include "knn/index/graph_set.hpp"
#include "knn/shard/row_shard.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/comm/on_root.hpp"

#include <algorithm>
#include <span>

namespace partita::knn {

namespace {

/// Graph i is rank (i mod ranks)'s. Which rank has it shows in no result.
class GraphShard : public RowShard {
  public:
    GraphShard(Communicator const& comm, Topology const& topology, std::string const& path,
               IndexInfo const& info, std::int64_t memory_bytes)
        : RowShard(info) {
        MappedFile file;
        std::vector<GraphPart> parts;
        std::int64_t links = 0, effort = 0;
        on_root(comm, [&] {
            file = MappedFile(path);
            parts = read_graph_parts(file);
            auto const first = file.bytes().subspan(static_cast<std::size_t>(parts[0].offset),
                                                    static_cast<std::size_t>(parts[0].bytes));
            GraphSet const graphs({{parts[0].rows, read_hnsw_layout(first, path)}}, info.metric);
            links = graphs.links();
            effort = graphs.default_effort();
        });
        info_.type = "hnsw";
        info_.links = comm.broadcast(links);
        effort = comm.broadcast(effort);
        if (info_.default_effort == 0) info_.default_effort = effort;
        parts.resize(static_cast<std::size_t>(comm.broadcast(std::ssize(parts))));
        comm.broadcast(std::span(parts));
        auto const parts_of = [&](int rank) {
            std::vector<FilePart> mine;
            for (auto i = static_cast<std::size_t>(rank); i < parts.size();
                 i += static_cast<std::size_t>(comm.size()))
                mine.push_back({parts[i].offset, parts[i].bytes});
            return mine;
        };
        // Mapped shares count too: they are read here and there, so all of them will be in memory.
        collectively(comm, "load index", [&] { check_share(parts_of(comm.rank()), memory_bytes); });
        bytes_ = load_shards(comm, topology, path, file, parts_of, memory_bytes);
        collectively(comm, "load index", [&] { find_mine(comm, parts, path); });
    }

    RankedNeighbors search(MatrixView queries, std::int64_t k,
                           SearchOptions const& options) const override {
        std::int64_t const effort = options.effort > 0 ? options.effort : info_.default_effort;
        return graphs_.search(queries, k, effort, options);
    }

    RankedNeighbors search_exactly(MatrixView queries, std::int64_t k,
                                   SearchOptions const& options) const override {
        return graphs_.search_exactly(queries, k, options);
    }

    void for_each_vector(VectorVisitor const& visit) const override {
        std::int64_t const row_bytes = info_.dim * static_cast<std::int64_t>(sizeof(float));
        for (GraphOfRows const& graph : graphs_.graphs()) {
            auto const* const storage =
                reinterpret_cast<std::byte const*>(graph.layout.storage.data);
            for (std::int64_t i = 0; i < graph.rows.size(); ++i)
                visit(graph.rows.first + i, storage + i * row_bytes);
        }
    }

    std::vector<std::int64_t> efforts(std::int64_t k) const override {
        return graph_efforts(info_.rows, k);
    }

    std::int64_t bytes_per_query(std::int64_t k) const override {
        return k * static_cast<std::int64_t>(sizeof(RankedNeighbor));
    }

  private:
    void find_mine(Communicator const& comm, std::vector<GraphPart> const& parts,
                   std::string const& path) {
        std::vector<GraphOfRows> mine;
        for (auto i = static_cast<std::size_t>(comm.rank()); i < parts.size();
             i += static_cast<std::size_t>(comm.size())) {
            std::span const bytes(bytes_.part(mine.size()),
                                  static_cast<std::size_t>(parts[i].bytes));
            mine.push_back({parts[i].rows, read_hnsw_layout(bytes, path)});
            share_bytes_ += parts[i].bytes;
        }
        graphs_ = GraphSet(std::move(mine), info_.metric);
    }

    GraphSet graphs_;
};

}  // namespace

std::unique_ptr<RowShard> graph_shard(Communicator const& comm, Topology const& topology,
                                      std::string const& path, IndexInfo const& info,
                                      std::int64_t memory_bytes) {
    return std::make_unique<GraphShard>(comm, topology, path, info, memory_bytes);
}

}  // namespace partita::knn
