#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/core/buffer.hpp"
#include "partita/io/vector_source.hpp"
#include "partita/knn/index_info.hpp"

namespace partita::cli {

/// This rank's part of a few thousand of the queries, for an index of which `info` tells; none when
/// they do not fit it. Rank-local.
Matrix sample_queries(Communicator const& comm, io::VectorSource const& source,
                      knn::IndexInfo const& info);

}  // namespace partita::cli
