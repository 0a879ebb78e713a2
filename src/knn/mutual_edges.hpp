#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/io/shared_file.hpp"

#include <cstdint>
#include <string>

namespace partita::knn {

/// A graph in a file: row i holds the k neighbours of vertex i as int64, -1 = none, rows x k.
struct GraphFile {
    std::string path;
    std::int64_t rows = 0;
    std::int64_t k = 0;
};

/// Which edges i -> j have their opposite j -> i in the graph too.
///
/// Collective. Edges travel in blocks to the rank that holds their end's row, and verdicts back. A
/// rank holds as many rows at a time as its memory allows; for more, the edges travel again.
/// @param kept          rows x k bytes: 1 = mutual. The same for any number of ranks.
/// @param memory_bytes  What this rank may use.
void find_mutual_edges(Communicator const& comm, GraphFile const& graph, io::SharedFile const& kept,
                       std::int64_t memory_bytes);

}  // namespace partita::knn
