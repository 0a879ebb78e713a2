#pragma once

#include "knn/candidate_pool.hpp"
#include "knn/panel.hpp"
#include "knn/ranked_neighbors.hpp"
#include "knn/score_bounds.hpp"

#include "partita/core/buffer.hpp"
#include "partita/core/matrix_view.hpp"
#include "partita/core/row_range.hpp"
#include "partita/knn/metric.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace partita::knn {

/// The k nearest of rows among themselves, exactly, with each pair of rows scored once for both:
/// half the work of a search of all rows by themselves, for the candidates of all rows in memory.
///
/// Rows are cut into pieces. A task is a piece, packed into panels, and a run of the rows up to it,
/// as queries: each score is compared with the query's threshold and with the column's own. Results
/// are those of exact_search, bit for bit, whatever the order of tasks, the threads, and who else
/// runs some of the tasks: candidates of parts of the tasks, once ranked, merge in their total
/// order.
class SelfJoin {
  public:
    /// Threaded: looks at all rows.
    /// @param rows  n x d; for cosine of length 1 or 0. They must stay in place; may be unaligned.
    SelfJoin(MatrixView rows, std::int64_t k, Metric metric, int threads);

    static std::int64_t bytes_per_row(std::int64_t k);

    /// Can all rows be scored in float32? Not with infinite, NaN or absurdly long ones.
    bool can_score() const { return can_score_; }

    std::int64_t tasks() const { return first_task_.back(); }
    /// Threaded. @param done  Called by each thread after each task.
    void run(RowRange tasks, std::function<void()> const& done);

    /// What the tasks that were run found for these rows, to out's first rows. Threaded.
    void finish(RowRange rows, RankedNeighbors& out);

  private:
    struct Workspace;

    void measure(float const* centre);
    RowRange piece(std::int64_t number) const;
    void run_task(std::int64_t task, Workspace& workspace);
    void pack_piece(std::int64_t number, Workspace& workspace) const;
    /// Let rows see the packed piece, and the piece see them, unless they are the piece.
    void scan(RowRange queries, bool both_ways, Workspace& workspace);
    void gather(RowRange queries, Workspace& workspace) const;
    void scan_panel(Panel const& panel, std::int64_t first_row, bool both_ways,
                    Workspace& workspace);
    void set_thresholds(Panel const& panel, std::int64_t first_row, bool both_ways,
                        Workspace& workspace) const;
    void scan_tile(Panel const& panel, std::int64_t first_row, std::int64_t first,
                   Workspace& workspace);
    void collect(std::int64_t query, std::uint64_t passed, float const* scores, Panel const& panel,
                 std::int64_t first_row, Workspace& workspace);
    void collect_turned(std::int64_t query, std::uint64_t reached, float const* scores,
                        Panel const& panel, std::int64_t first_row, Workspace& workspace);
    float column_threshold(Panel const& panel, std::int64_t column, std::int64_t row,
                           Workspace const& workspace) const;
    void add(std::int64_t row, std::span<Candidate const> candidates, Workspace& workspace);
    double distance(std::int64_t row, float const* other) const;

    MatrixView rows_;
    std::int64_t k_;
    Metric metric_;
    int threads_;
    ScoreBounds score_bounds_;
    std::vector<float> centre_;
    std::int64_t piece_rows_;
    std::vector<std::int64_t> first_task_;  ///< Of each piece.
    Buffer<QueryBounds> bounds_;
    Buffer<float> biases_;  ///< What scores of a row as a column start at.
    bool can_score_ = true;
    CandidatePool pool_;
};

}  // namespace partita::knn
