#pragma once

#include "partita/knn/query_set.hpp"
#include "partita/knn/result_writer.hpp"

#include <cstdint>
#include <memory>

namespace partita::knn {

/// A result that keeps an edge of the graph only where both ends have each other among their k.
///
/// Takes the neighbours of all vectors of an index, query i being vector i; the edges are sorted
/// out on commit, in files beside the result, within `memory_bytes` of this rank. Rows that lose
/// neighbours are padded in hdf5. Collective.
std::unique_ptr<ResultWriter> make_mutual_result_writer(
    Communicator const& comm, ResultFormat format, io::PartialOutput& partial,
    ResultShape const& shape, IdTable const& base_ids, QuerySet const& queries,
    std::int64_t memory_bytes);

}  // namespace partita::knn
