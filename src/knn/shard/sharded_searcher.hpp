#pragma once

#include "knn/shard/ivf_shard.hpp"

#include "partita/comm/topology.hpp"
#include "partita/knn/batch_searcher.hpp"

#include <memory>
#include <string>

namespace partita::knn {

/// An ivf index shared out by lists: queries travel to the owners of the lists that they probe,
/// in bounded blocks, and what is found there travels back and is merged.
///
/// Collective. Parameters as IvfShard's.
std::unique_ptr<BatchSearcher> sharded_ivf_searcher(Communicator const& comm,
                                                    Topology const& topology,
                                                    std::string const& path, IndexInfo const& info,
                                                    IvfShardOptions const& options);

/// A flat index shared out by rows: blocks of queries travel around the ring of ranks with what was
/// found for them so far. While one is scanned, the vectors of the next arrive.
///
/// Collective. Only root needs to see the file.
std::unique_ptr<BatchSearcher> sharded_flat_searcher(Communicator const& comm,
                                                     Topology const& topology,
                                                     std::string const& path, IndexInfo const& info,
                                                     std::int64_t memory_bytes);

/// An hnsw index of several graphs, which ranks share; queries travel as those of a flat index.
///
/// Collective. Only root needs to see the file.
std::unique_ptr<BatchSearcher> sharded_hnsw_searcher(Communicator const& comm,
                                                     Topology const& topology,
                                                     std::string const& path, IndexInfo const& info,
                                                     std::int64_t memory_bytes);

}  // namespace partita::knn
