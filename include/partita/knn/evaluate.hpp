#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/io/vector_source.hpp"
#include "partita/knn/metric.hpp"
#include "partita/knn/neighbors.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace partita::knn {

/// How good a result is.
struct Recall {
    std::int64_t queries = 0;
    std::int64_t k = 0;
    double by_id = 0;         ///< Share of the true k neighbours that were returned.
    double by_distance = 0;   ///< Share of returned distances within epsilon of the true k-th.
    double by_id_lowest = 0;  ///< The worst query's recall by id.
};

/// Distances up to the k-th true one plus this count as right (the ann-benchmarks definition).
constexpr double distance_epsilon = 1e-3;

/// Recall of rows of `found` against the same rows of `truth`, over the first k of each.
/// Rank-local sums are combined over all ranks. Collective.
Recall recall_of(Communicator const& comm, Neighbors const& found, Neighbors const& truth,
                 std::int64_t k);

/// Compare two files of neighbours, row by row.
///
/// Collective; each rank reads its share of rows. A file is a result of ours, an HDF5 file of the
/// ann-benchmarks layout (`neighbors`, `distances`), or .ivecs (neighbours only: by_distance is
/// then not defined and returned as -1).
/// @param k  0 = the smaller of the two files' k.
Recall evaluate_files(Communicator const& comm, std::string const& result, std::string const& truth,
                      std::int64_t k);

/// Compare a random sample of a result's rows with exact neighbours computed here.
///
/// Collective: each rank scans its share of the base; nobody holds all of it.
/// @param exclude_self  The result leaves each query out of its own neighbours.
Recall evaluate_sample(Communicator const& comm, std::string const& result,
                       io::VectorSource const& base, io::VectorSource const& queries, Metric metric,
                       bool exclude_self, std::int64_t sample, std::uint64_t seed,
                       std::int64_t memory_bytes);

/// The exact neighbours of a few queries in a base of any size.
///
/// Collective; all ranks give the same queries (for cosine of length 1 or 0) and get the same
/// result.
Neighbors exact_neighbors(Communicator const& comm, io::VectorSource const& base,
                          MatrixView queries, std::int64_t k, Metric metric,
                          std::int64_t memory_bytes);

/// `wanted` different rows of [0, rows), spread over the whole, a function of the seed alone.
std::vector<std::int64_t> sample_rows(std::int64_t rows, std::int64_t wanted, std::uint64_t seed);

}  // namespace partita::knn
