#pragma once

#include "knn/all_within.hpp"
#include "knn/candidate_pool.hpp"
#include "knn/kernels/byte_kernels.hpp"
#include "knn/ranked_neighbors.hpp"
#include "knn/ranked_pool.hpp"
#include "knn/row_store.hpp"
#include "knn/scan_rows.hpp"
#include "knn/scan_workspace.hpp"

#include "partita/core/buffer.hpp"
#include "partita/core/matrix_view.hpp"
#include "partita/knn/metric.hpp"
#include "partita/knn/neighbors.hpp"

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace partita::knn {

constexpr float infinity = std::numeric_limits<float>::infinity();

/// The positions of the rows of a scan: those listed, or first, first + 1, ...
struct RowPositions {
    std::int64_t const* listed = nullptr;
    std::int64_t first = 0;

    std::int64_t operator[](std::int64_t row) const { return listed ? listed[row] : first + row; }
    RowPositions from(std::int64_t row) const {
        return listed ? RowPositions{listed + row, 0} : RowPositions{nullptr, first + row};
    }
};

/// A point near the middle of `base`, to measure l2 from: the bound on a score's rounding error
/// grows with the vectors' lengths, which an offset common to all would otherwise dominate.
///
/// The mean of an evenly strided sample, or empty where that does not bring the vectors nearer to
/// the origin.
std::vector<float> choose_centre(MatrixView base);

/// The k nearest of a block of queries among rows that are scanned piece by piece: the engine of
/// exact search, and of searches that know which queries should see which rows.
///
/// Each piece is transposed into panels and scored against the queries by a SIMD kernel, as floats
/// or, where the processor multiplies these much faster, rounded to bytes. A row whose score, with
/// a bound on its error, reaches the query's threshold is ranked by rank_distance: at once where
/// its vector is at hand, else it becomes a candidate that finish() ranks. The result is a function
/// of the set of (query, row) pairs scanned, whatever the order, the threads and the processor.
class QueryBlock {
  public:
    /// @param queries  q x d, finite, q < 2^31, possibly unaligned; they must stay in place until
    ///                 finish(). For cosine of length 1 or 0.
    /// @param k        1 <= k.
    /// @param centre   for l2: d numbers or empty; see choose_centre. Does not change results.
    /// @param store    for rows that are not vectors in memory; it must outlive the block.
    QueryBlock(MatrixView queries, std::int64_t k, Metric metric,
               std::span<float const> centre = {}, int threads = 0,
               RowStore const* store = nullptr);

    /// Instead of the k nearest, look for all within a radius, until they are too many: before any
    /// scan. Then finish_within ends the block.
    /// @param radius        As distances are reported; what lies at it is in.
    /// @param most_entries  Of all queries together.
    void look_within(double radius, std::int64_t most_entries);
    /// Nearest first; equal distances by position. Nothing if they were too many.
    std::optional<NeighborRows> finish_within();
    std::optional<RankedRows> finish_within_ranked() { return within_->take_ranked(); }

    /// Working memory of a block, per query. @param far  See RowStore.
    static std::int64_t bytes_per_query(std::int64_t dim, std::int64_t k, bool far = false);

    std::int64_t queries() const { return queries_.rows; }
    std::int64_t dim() const { return queries_.cols; }

    /// Let the listed queries see `rows`. A query may see a row only once.
    ///
    /// Thread-safe: several threads may scan at the same time, each with its own workspace. Rows
    /// and positions must stay in place until finish(): candidates point to rows. Rows may be
    /// unaligned; infinite and NaN elements give infinite distances.
    void scan(ScanRows const& rows, RowPositions positions, std::span<std::int32_t const> queries,
              ScanWorkspace& workspace);
    /// Let all queries see `rows`.
    void scan(ScanRows const& rows, RowPositions positions, ScanWorkspace& workspace);

    /// Rank what was found and write it to rows first_query, first_query + 1, ... of `out`, whose
    /// k() may exceed this block's. No scan may follow.
    void finish(Neighbors& out, std::int64_t first_query, int threads = 0);
    /// The same with distances as they are ranked, to merge with other parts of a search.
    void finish(RankedNeighbors& out, std::int64_t first_query, int threads = 0);

  private:
    using Gathered = ScanWorkspace::Gathered;
    using GatheredBytes = ScanWorkspace::GatheredBytes;

    void measure_queries(int threads);
    void copy_centred(std::int64_t query, float* to) const;
    float const* centre() const { return centre_.empty() ? nullptr : centre_.data(); }
    /// Of the vector at a candidate's place, and of a vector.
    double exact_distance(std::int64_t query, float const* row) const;
    double distance_to(std::int64_t query, float const* row) const;
    float threshold(std::int64_t query) const {
        return within_       ? within_->threshold(query)
               : candidates_ ? candidates_->threshold(query)
                             : ranked_->threshold(query);
    }

    /// Decode rows of a scan, where they are codes. @param vectors  Set to the rows' vectors.
    ScanPiece take_piece(ScanRows const& rows, std::int64_t first_row, std::int64_t count,
                         ScanWorkspace& workspace, MatrixView& vectors) const;

    void scan_floats(ScanRows const& rows, RowPositions positions,
                     std::span<std::int32_t const> queries, ScanWorkspace& workspace);
    ScanPiece pack_piece(ScanRows const& rows, std::int64_t first_row, std::int64_t count,
                         ScanWorkspace& workspace) const;
    void gather(std::span<std::int32_t const> queries, Gathered& gathered) const;
    void fetch_ahead(std::int32_t query) const;
    void set_thresholds(Panel const& panel, Gathered& gathered) const;
    void scan_panel(Panel const& panel, ScanPiece const& rows, RowPositions positions,
                    ScanWorkspace& workspace);
    void scan_tile(Panel const& panel, ScanPiece const& rows, RowPositions positions,
                   std::size_t first, ScanWorkspace& workspace);

    void scan_bytes(ScanRows const& rows, RowPositions positions,
                    std::span<std::int32_t const> queries, ScanWorkspace& workspace);
    ScanPiece pack_byte_piece(ScanRows const& rows, std::int64_t first_row, std::int64_t count,
                              ScanWorkspace& workspace) const;
    void gather_bytes(std::span<std::int32_t const> queries, GatheredBytes& gathered) const;
    void scan_byte_panel(BytePanel const& panel, ScanPiece const& rows, RowPositions positions,
                         ScanWorkspace& workspace);
    void score_byte_tile(BytePanel const& panel, std::size_t first, ScanWorkspace& workspace);
    void offer_passed(ScanPiece const& rows, RowPositions positions, ScanWorkspace& workspace);

    /// Rows of a panel that a query must look at: of those that reached its threshold, or, while it
    /// has none, of those that may be among the nearest k of the panel.
    /// @param slack  The most that two of the scores are wrong by together.
    std::uint64_t worth_ranking(std::int32_t query, std::uint64_t passed, float const* scores,
                                std::int64_t rows, float slack) const;
    /// Let a query look at rows of a panel: bit j = row j. Returns how many are of use so far.
    std::int64_t offer(std::int32_t query, ScanPiece const& rows, RowPositions positions,
                       std::uint64_t wanted);
    void collect(std::int32_t query, ScanPiece const& rows, RowPositions positions,
                 std::uint64_t passed, float const* scores, QueryBounds const& bounds,
                 RowBounds const& row_bounds, ScanWorkspace& workspace);
    /// Scores mean nothing: all rows must be ranked.
    void collect_all(std::int32_t query, ScanPiece const& rows, RowPositions positions,
                     ScanWorkspace& workspace);
    /// @param contents  The candidates' vectors where they are at hand, else null.
    void add(std::int32_t query, std::span<Candidate const> candidates,
             float const* const* contents, ScanWorkspace& workspace);

    /// Bring every query's nearest into order: write(nearest, query), from several threads.
    template <class Write>
    void take_each(std::int64_t room, int threads, Write const& write);
    template <class Write>
    void rank_candidates(int threads, Write const& write);

    Metric metric_;
    std::int64_t k_;
    ScoreBounds score_bounds_;
    RowStore const* store_;
    std::vector<float> centre_;
    MatrixView queries_;
    std::vector<QueryBounds> bounds_;
    std::vector<std::uint8_t> zero_;  ///< Cosine of a zero vector: every distance is 1.
    std::vector<std::int32_t> all_;
    ByteKernels const* byte_kernels_ = nullptr;  ///< Where it scores bytes.
    Buffer<std::int8_t> codes_;
    std::vector<ByteQuery> byte_queries_;
    std::optional<RankedPool> ranked_;         ///< Where vectors are at hand when scanned, or
    std::optional<CandidatePool> candidates_;  ///< where they are not.
    std::unique_ptr<AllWithin> within_;
};

}  // namespace partita::knn
