#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/knn/batch_searcher.hpp"
#include "partita/knn/id_table.hpp"
#include "partita/knn/plan.hpp"
#include "partita/knn/query_set.hpp"
#include "partita/knn/result_writer.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace partita::knn {

struct SearchJobOptions {
    std::int64_t k = 10;
    std::int64_t effort = 0;    ///< nprobe or efSearch; 0 = the index's default.
    bool exclude_self = false;  ///< Drop a query from its own neighbours.
    int threads = 0;
    /// What this rank may use beyond the index: the more, the larger the blocks of queries.
    std::int64_t memory_bytes = std::int64_t{256} << 20;
    /// Of all vectors of an index among themselves, exactly: score each pair once, for both, which
    /// takes predict_pairs_bytes beside memory_bytes; nothing is written, nor recorded, before all
    /// are scored. The same on all ranks; see can_score_pairs_once.
    bool each_pair_once = false;
    /// Of all vectors of an index among themselves: rounds in which the neighbours of neighbours
    /// are looked at, too, which takes predict_refine_bytes beside memory_bytes; nothing is
    /// written, nor recorded, before all are done. See can_refine.
    int refinements = 0;

    /// Neighbours to search for: a query may find itself.
    std::int64_t asked() const { return k + (exclude_self ? 1 : 0); }
};

/// A neighbour list to show to people.
struct SampleRow {
    std::string item;
    std::vector<std::string> neighbors;
    std::vector<float> distances;
};

/// What a search did; the same on every rank, but for the sample (rank 0's).
struct SearchReport {
    std::int64_t queries = 0;
    double seconds = 0;
    std::int64_t self_possible =
        0;                          ///< Queries that are vectors of the index and not zero vectors.
    std::int64_t self_found = 0;    ///< Those that found themselves, or an equal vector, nearest.
    std::int64_t duplicates = 0;    ///< Queries with an equal vector other than themselves nearest.
    std::int64_t zero_queries = 0;  ///< Cosine: queries of length 0, which have no angle.
    std::int64_t neighbors = 0;     ///< Of all queries; of a search by radius.
    std::int64_t done_before = 0;   ///< Queries that an earlier, killed job had finished.
    std::vector<SampleRow> sample;
};

/// How search_all cuts the job into rounds. Rank-local.
/// @param bytes_per_neighbor  See ResultWriter.
RoundPlan plan_search(BatchSearcher const& index, QuerySet const& queries,
                      std::int64_t bytes_per_neighbor, SearchJobOptions const& options);

/// Are the queries all vectors of a flat index that each rank has in memory, in their order?
bool can_score_pairs_once(BatchSearcher const& index, QuerySet const& queries);

/// Are the queries all vectors of an ivf index that each rank has in memory as floats?
bool can_refine(BatchSearcher const& index, QuerySet const& queries);

/// Neighbours of all queries, into the writer.
///
/// Collective. Queries are taken in rounds: in each, the ranks share a run of consecutive queries,
/// small enough that vectors, working memory and results fit this rank's budget. Where each rank
/// can search by itself, it takes the next such run when it is done with another, so that nobody
/// waits for a slow one until a record is due. What the writer's earlier job has done is left out,
/// and what is done is recorded from time to time.
SearchReport search_all(Communicator const& comm, BatchSearcher const& index, IdTable const& ids,
                        QuerySet const& queries, ResultWriter& writer,
                        SearchJobOptions const& options);

}  // namespace partita::knn
