#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/core/row_range.hpp"
#include "partita/io/vector_source.hpp"
#include "partita/knn/build.hpp"

#include <string>

namespace partita::knn {

/// One function a kind of index. Collective; each writes the index file at `path` and fills in
/// what it knows of `info`.
void build_flat(Communicator const& comm, io::VectorSource const& source, std::string const& path,
                BuildOptions const& options, IndexInfo& info);
void build_ivf(Communicator const& comm, io::VectorSource const& source, std::string const& path,
               BuildOptions const& options, IndexInfo& info);
/// One graph on rank 0, or options.shards of them on all ranks, each in its rank's memory.
void build_hnsw(Communicator const& comm, io::VectorSource const& source, std::string const& path,
                BuildOptions const& options, IndexInfo& info);
/// Factory strings, by FAISS on rank 0.
void build_with_faiss(Communicator const& comm, io::VectorSource const& source,
                      std::string const& path, BuildOptions const& options, IndexInfo& info);

/// Vectors as the index of this metric holds them: rows [first, last), normalised for cosine.
/// Rank-local. Adds the number of zero rows to `zeros`.
Matrix read_for_metric(io::VectorSource const& source, RowRange range, Metric metric,
                       std::int64_t& zeros);

/// Rows of a block that takes about a quarter of the memory.
std::int64_t rows_per_block(std::int64_t dim, std::int64_t memory_bytes);

}  // namespace partita::knn
