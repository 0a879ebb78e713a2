#pragma once

#include "knn/group_by.hpp"
#include "knn/index/list_reader.hpp"
#include "knn/nearest_centroids.hpp"
#include "knn/ranked_neighbors.hpp"
#include "knn/shard/list_placement.hpp"
#include "knn/shard/shard_bytes.hpp"

#include "partita/core/matrix_view.hpp"
#include "partita/knn/index.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace partita::knn {

/// A query that is to look into a piece of a list.
struct Visit {
    std::int32_t query;  ///< Its place among the queries that it came with.
    std::int32_t piece;  ///< Of ListPlacement::pieces.
};

struct IvfShardOptions {
    std::string
        originals;  ///< This node's copy of the vectors that the lists hold codes of, or "".
    bool originals_on_disk = false;  ///< They are not to be in memory.
    /// This rank's part of a sample of the queries that will be asked. Rank-local. Without any,
    /// lists are expected to be looked into in proportion to their sizes.
    std::function<Matrix(IndexInfo const&)> sample;
    std::int64_t memory_bytes = 0;       ///< For sending shares, on root.
    std::int64_t node_memory_bytes = 0;  ///< Shares beyond it are read in order; 0 = not known.
};

/// What all ranks know of an ivf index that is shared out, and the lists of this one.
class IvfShard {
  public:
    /// Collective. Only root needs to see the file.
    IvfShard(Communicator const& comm, Topology const& topology, std::string const& path,
             IndexInfo const& info, IvfShardOptions const& options);

    IndexInfo const& info() const { return info_; }
    NearestCentroids const& nearest() const { return *nearest_; }
    ListPlacement const& placement() const { return placement_; }
    /// Does it take room to rank candidates in the order of a file? See RowStore.
    bool is_far() const { return vectors_.store() && vectors_.is_far(); }
    /// See BatchSearcher. The same on all ranks.
    bool reads_in_order() const { return reads_in_order_; }
    /// Lists, of this process's own memory and of the file's pages.
    std::int64_t share_bytes() const;
    std::int64_t private_bytes() const;

    /// The k nearest of each query among the pieces that it visits. Rank-local, threaded.
    /// @param visits  Of pieces that this rank owns, in any order; each at most once.
    RankedNeighbors scan(MatrixView queries, std::span<Visit const> visits, std::int64_t k,
                         int threads) const;
    /// The same among all of this rank's vectors.
    RankedNeighbors scan_all(MatrixView queries, std::int64_t k, int threads) const;

    /// All within a radius, in the pieces visited or, with none given, all; nothing when there are
    /// more than `most_entries`. Rank-local, threaded.
    std::optional<RankedRows> scan_within(MatrixView queries,
                                          std::optional<std::span<Visit const>> visits,
                                          double radius, std::int64_t most_entries,
                                          int threads) const;

    /// The vectors at positions, where each node has all of them beside the lists' codes.
    bool has_originals() const { return !vectors_.originals().empty(); }
    Matrix originals_at(std::vector<std::int64_t> const& positions) const {
        return vectors_.originals_at(positions);
    }
    /// Call visit(position, vector) for each of this rank's vectors, as lists have them; they stay
    /// only for that call.
    void for_each_vector(
        std::function<void(std::int64_t position, std::byte const* vector)> const& visit) const;

  private:
    /// What root reads from the file and all ranks need.
    struct Lists {
        std::vector<std::int64_t> sizes, code_offsets, id_offsets;
        ListCoding coding;
    };

    std::vector<std::int64_t> count_probes(IvfShardOptions const& options) const;
    Lists read_lists(Communicator const& comm, MappedFile const& file);
    std::vector<FilePart> parts_of(Lists const& lists, int rank) const;
    void find_mine(int rank);
    void go_by_memory(Communicator const& comm, Topology const& topology,
                      IvfShardOptions const& options);
    /// Queries by the pieces of mine_ that they visit.
    Groups group_visits(std::span<Visit const> visits) const;
    template <class QueriesOf>
    void scan_pieces(QueryBlock& block, std::int64_t k, int threads,
                     QueriesOf const& queries_of) const;

    IndexInfo info_;
    Matrix centroids_;
    std::unique_ptr<NearestCentroids> nearest_;
    std::vector<float> centre_;
    ListPlacement placement_;
    ShardBytes bytes_;
    MappedFile originals_;
    ListVectors vectors_;
    std::unique_ptr<FarFile> far_lists_, far_originals_;
    bool reads_in_order_ = false;
    std::vector<ListRows> mine_;               ///< This rank's pieces.
    std::vector<std::int32_t> mine_of_piece_;  ///< Where a piece stands in mine_; -1 = elsewhere.
};

}  // namespace partita::knn
