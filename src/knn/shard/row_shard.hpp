#pragma once

#include "knn/ranked_neighbors.hpp"
#include "knn/shard/fetch_vectors.hpp"
#include "knn/shard/shard_bytes.hpp"

#include "partita/comm/topology.hpp"
#include "partita/core/matrix_view.hpp"
#include "partita/knn/index.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace partita::knn {

/// This rank's part of an index that is shared out by rows. Rank-local.
class RowShard {
  public:
    virtual ~RowShard() = default;

    /// The k nearest of each query among this rank's rows. `options.progress` counts queries.
    virtual RankedNeighbors search(MatrixView queries, std::int64_t k,
                                   SearchOptions const& options) const = 0;
    virtual RankedNeighbors search_exactly(MatrixView queries, std::int64_t k,
                                           SearchOptions const& options) const = 0;
    /// Call visit for each vector that this rank holds.
    virtual void for_each_vector(VectorVisitor const& visit) const = 0;
    virtual std::vector<std::int64_t> efforts(std::int64_t k) const = 0;
    /// Working memory for each query.
    virtual std::int64_t bytes_per_query(std::int64_t k) const = 0;

    /// All within the radius among this rank's rows, as QueryBlock::look_within; flat only.
    virtual std::optional<RankedRows> search_within(MatrixView, double, std::int64_t,
                                                    SearchOptions const&) const {
        return std::nullopt;
    }
    virtual bool can_search_within() const { return false; }
    /// Does memory hold only a part of this rank's rows?
    virtual bool reads_in_order() const { return false; }

    IndexInfo const& info() const { return info_; }
    /// Of vectors and links, and of this process's own memory.
    std::int64_t share_bytes() const { return share_bytes_; }
    std::int64_t private_bytes() const { return bytes_.private_bytes(); }

  protected:
    explicit RowShard(IndexInfo const& info) : info_(info) {}

    IndexInfo info_;
    ShardBytes bytes_;
    std::int64_t share_bytes_ = 0;
};

/// A contiguous run of a flat index. Collective; parameters as sharded_searcher's.
std::unique_ptr<RowShard> flat_shard(Communicator const& comm, Topology const& topology,
                                     std::string const& path, IndexInfo const& info,
                                     std::int64_t memory_bytes);

/// Some of an hnsw index's graphs; none on ranks beyond their number. Collective.
std::unique_ptr<RowShard> graph_shard(Communicator const& comm, Topology const& topology,
                                      std::string const& path, IndexInfo const& info,
                                      std::int64_t memory_bytes);

}  // namespace partita::knn
