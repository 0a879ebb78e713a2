#pragma once

#include "partita/comm/broadcast_file.hpp"
#include "partita/comm/topology.hpp"
#include "partita/knn/batch_searcher.hpp"
#include "partita/knn/id_table.hpp"
#include "partita/knn/index.hpp"
#include "partita/knn/placement.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace partita::knn {

/// An index that the ranks can search: in one copy per node, or shared out.
struct NodeIndex {
    std::unique_ptr<Index> index;             ///< This node's copy; null where it is shared out.
    std::unique_ptr<BatchSearcher> searcher;  ///< What jobs talk to.
    IdTable ids;
    PlacementChoice placement;
    std::int64_t file_bytes = 0;    ///< Of the index file.
    std::uint64_t data_hash = 0;    ///< Of its contents, see hash_index_file.
    BroadcastFileResult broadcast;  ///< Of the index file, where it is replicated.
    std::string originals;          ///< This node's copy of the vectors behind codes; "" = none.
    /// This node's copies of files of root's index; none where it uses those themselves.
    std::vector<std::string> copies(std::string const& index_path) const;

    bool read_in_order = false;      ///< Memory holds only part: see Index::keep_little_in_memory.
    bool originals_on_disk = false;  ///< See Index::keep_originals_on_disk.
    /// Of the node's copy, those that are read from memory.
    std::int64_t bytes_in_memory() const;
};

struct DistributeOptions {
    std::string cache_dir;  ///< Where nodes keep their copies.
    bool cosine = false;    ///< Of a bare FAISS inner-product file: its vectors have length 1.
    Placement placement = Placement::replicate;
    std::int64_t node_memory_bytes = 0;  ///< What the job may use on a node: for automatic.
    /// What a rank may use: a share that must be held in memory and exceeds it is refused.
    std::int64_t memory_bytes = std::int64_t{1} << 30;
    /// Rank-local: this rank's part of a sample of the queries that will be asked, which lists are
    /// shared out by. Without it a list is expected to be looked into in proportion to its size.
    std::function<Matrix(IndexInfo const&)> sample_queries;
};

/// Bring root's index file, its sidecar and ids to the ranks: each node gets and opens a copy, or
/// each rank gets its share of the vectors.
///
/// Collective. Only rank 0 needs to see the files. Without a sidecar the file is taken as FAISS
/// wrote it: ids are row numbers.
/// @throws CollectiveError when a file is missing, damaged, or does not match its sidecar.
NodeIndex distribute_index(Communicator const& comm, Topology const& topology,
                           std::string const& path, DistributeOptions const& options);

}  // namespace partita::knn
