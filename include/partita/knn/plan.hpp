#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/knn/placement.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace partita::knn {

/// Bytes that each query of a round takes of a rank's memory.
struct QueryCosts {
    std::int64_t vectors = 0;  ///< The query and its id.
    std::int64_t working = 0;  ///< Of the search; see BatchSearcher::workspace_per_query.
    std::int64_t results = 0;  ///< In memory and on their way to the file.

    std::int64_t total() const { return vectors + working + results; }
};

/// How a job is cut into rounds: in each, every rank takes so many queries.
struct RoundPlan {
    QueryCosts costs;
    std::int64_t queries = 0;          ///< Of a rank, in a full round.
    std::int64_t workspace_bytes = 0;  ///< For the search's own use.
};

/// As many queries in a round as the memory of a rank holds, within bounds. A pure function.
RoundPlan plan_rounds(QueryCosts const& costs, std::int64_t memory_bytes);

/// A job whose time is to be predicted.
struct JobShape {
    std::string type;  ///< "flat", "ivf", "hnsw" ...
    std::int64_t rows = 0, dim = 0, queries = 0;
    std::int64_t lists = 0;       ///< ivf.
    std::int64_t effort = 0;      ///< ivf: nprobe.
    std::int64_t links = 32;      ///< hnsw.
    std::string codes = "fp32";   ///< ivf.
    bool each_pair_once = false;  ///< flat: see SearchJobOptions.
};

/// How an ivf index is to hold its vectors, and why, for people.
struct CodesChoice {
    std::string codes;
    std::string reason;
};

/// Floats while the index is within 60 % of a node's memory (see fits_node), else halves, else
/// bytes. A pure function.
CodesChoice choose_codes(JobShape shape, std::int64_t node_memory_bytes);

/// Bytes of an index file with these vectors.
std::int64_t predict_index_bytes(JobShape const& shape);

/// Working memory of a search per query, where the index is shared out among `ranks`, or not: 1.
std::int64_t predict_workspace_per_query(JobShape const& shape, std::int64_t k, int ranks);

/// Memory of a rank for the candidates of all vectors of a flat index, if each pair of them is to
/// be scored once.
std::int64_t predict_pairs_bytes(std::int64_t rows, std::int64_t k);

/// Memory of a rank, one of several on a node, for a search of all vectors among themselves that
/// is to be refined.
std::int64_t predict_refine_bytes(std::int64_t rows, std::int64_t k, int ranks_on_node);

/// Multiplications and additions that a search takes, counted at the speed of the exact engine;
/// 0 = not known for this type. For ivf, lists are taken to be looked into in proportion to their
/// size.
/// @param list_overhead  See measure_list_overhead.
double predict_search_operations(JobShape const& shape, double list_overhead = 1);
/// What a round of so many queries of a rank costs whatever they are: all lists that any of them
/// looks into are packed, and where memory holds only a part of the index, it is read and copied.
/// For ivf and flat, in operations and in bytes.
struct RoundOverhead {
    double operations = 0, bytes = 0;
};
RoundOverhead predict_round_overhead(JobShape const& shape, std::int64_t queries,
                                     bool read_in_order);
/// The same for building, files not counted.
double predict_build_operations(JobShape const& shape, std::int64_t iterations = 10);
/// Bytes that leave and enter a node of a sharded search.
double predict_search_traffic(JobShape const& shape, std::int64_t k, int nodes, int ranks);

/// Operations a second of the exact engine with these threads, from a few hundredths of a second
/// of work on made-up vectors. Rank-local.
double measure_scan_rate(std::int64_t dim, int threads);

/// How much longer than the exact engine's an operation of a search of inverted lists takes, with
/// what packing lists, gathering queries and choosing candidates add: measured like
/// measure_scan_rate, on made-up lists of this shape. At least 1. Rank-local.
double measure_list_overhead(JobShape const& shape, int threads);

/// All ranks measuring at the same time, and the slowest's rate times their number: what they reach
/// together. Collective.
double measure_job_rate(Communicator const& comm, std::int64_t dim, int threads);

}  // namespace partita::knn
