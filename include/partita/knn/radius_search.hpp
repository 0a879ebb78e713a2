#pragma once

#include "partita/knn/search.hpp"

#include <cstdint>

namespace partita::knn {

struct RadiusJobOptions {
    double radius = 0;          ///< In the metric's own distance, as results print it.
    std::int64_t effort = 0;    ///< nprobe; 0 = the index's default.
    bool exclude_self = false;  ///< Drop a query from its own neighbours.
    int threads = 0;
    /// What this rank may use beyond the index.
    std::int64_t memory_bytes = std::int64_t{256} << 20;
};

/// All neighbours of all queries within the radius, into the writer, nearest first.
///
/// Collective. What lies within is decided by the distance in double precision, and what is at the
/// very radius is in; with ivf, among the lists that are looked into. For flat and ivf indexes.
/// What is looked at is scored once. Queries are taken in rounds whose results fit this rank's
/// memory.
/// @throws CollectiveError when a single query has more neighbours than the memory holds.
SearchReport search_radius(Communicator const& comm, BatchSearcher const& index, IdTable const& ids,
                           QuerySet const& queries, ResultWriter& writer,
                           RadiusJobOptions const& options);

}  // namespace partita::knn
