#pragma once

#include "partita/comm/broadcast_file.hpp"
#include "partita/comm/topology.hpp"
#include "partita/knn/batch_searcher.hpp"
#include "partita/knn/id_table.hpp"
#include "partita/knn/index.hpp"

#include <memory>
#include <string>

namespace partita::knn {

/// An index that every rank can search, from one copy per node.
struct NodeIndex {
    std::unique_ptr<Index> index;
    std::unique_ptr<BatchSearcher> searcher;  ///< What jobs talk to.
    IdTable ids;
    BroadcastFileResult broadcast;  ///< Of the index file.
};

struct DistributeOptions {
    std::string cache_dir;  ///< Where nodes keep their copies.
    bool cosine = false;    ///< Of a bare FAISS inner-product file: its vectors have length 1.
};

/// Bring root's index file, its sidecar and ids to every node and open them on every rank.
///
/// Collective. Only rank 0 needs to see the files. Without a sidecar the file is taken as FAISS
/// wrote it: ids are row numbers.
/// @throws CollectiveError when a file is missing, damaged, or does not match its sidecar.
NodeIndex distribute_index(Communicator const& comm, Topology const& topology,
                           std::string const& path, DistributeOptions const& options);

}  // namespace partita::knn
