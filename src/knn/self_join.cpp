#include "knn/self_join.hpp"

#include "knn/cache_shares.hpp"
#include "knn/kernels/scan_kernels.hpp"
#include "knn/query_block.hpp"

#include "partita/core/first_failure.hpp"
#include "partita/knn/distance.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include <omp.h>

namespace partita::knn {
namespace {

constexpr float nothing = std::numeric_limits<float>::quiet_NaN();
/// Pieces of queries of a task: packing, which costs as much as ten queries, is hidden.
constexpr std::int64_t pieces_per_task = 8;

std::int64_t panels_of_piece(std::int64_t dim) {
    return std::clamp<std::int64_t>(cached_piece_bytes / (dim * panel_columns * 4), 1, 16);
}

std::int64_t most_gathered(std::int64_t dim) {
    return tile_queries *
           std::clamp<std::int64_t>(cached_query_bytes / (dim * tile_queries * 4), 1, 64);
}

}  // namespace

/// One thread's.
struct SelfJoin::Workspace {
    Workspace(std::int64_t dim, std::int64_t k)
        : values(panels_of_piece(dim) * panel_columns * dim), vectors(most_gathered(dim) * dim) {
        scratch.reserve(static_cast<std::size_t>(CandidatePool::capacity(k)));
    }

    std::int64_t piece = -1;  ///< What is packed.
    Buffer<float> values;
    std::vector<Panel> panels;

    RowRange queries;  ///< What is gathered, minus the centre.
    Buffer<float> vectors;
    RowBounds query_rows;  ///< Theirs, where they are what a column sees.
    std::vector<float> pool_thresholds;
    std::vector<float> score_thresholds;  ///< What a score of the current panel must reach,
    float columns[panel_columns];         ///< and what one with the query's bias, for the column.

    std::vector<RankedCandidate> scratch;
};

SelfJoin::SelfJoin(MatrixView rows, std::int64_t k, Metric metric, int threads)
    : rows_(rows),
      k_(std::clamp<std::int64_t>(rows.rows, 1, k)),
      metric_(metric),
      threads_(threads > 0 ? threads : omp_get_max_threads()),
      score_bounds_(metric, rows.cols),
      piece_rows_(panels_of_piece(rows.cols) * panel_columns),
      first_task_{0},
      bounds_(rows.rows),
      biases_(rows.rows),
      pool_(rows.rows, k_, rows.cols * 4) {
    if (metric == Metric::l2) centre_ = choose_centre(rows);
    std::int64_t const pieces = (rows.rows + piece_rows_ - 1) / piece_rows_;
    for (std::int64_t p = 0; p < pieces; ++p)
        first_task_.push_back(first_task_.back() + p / pieces_per_task + 1);
    measure(centre_.empty() ? nullptr : centre_.data());
}

std::int64_t SelfJoin::bytes_per_row(std::int64_t k) {
    return CandidatePool::bytes_per_query(k) +
           static_cast<std::int64_t>(sizeof(QueryBounds) + sizeof(float));
}

void SelfJoin::measure(float const* centre) {
    std::atomic<bool> all{true};
#pragma omp parallel num_threads(threads_)
    {
        std::vector<float> vector(static_cast<std::size_t>(rows_.cols));
#pragma omp for schedule(static)
        for (std::int64_t i = 0; i < rows_.rows; ++i) {
            std::memcpy(vector.data(), rows_.row_data(i), vector.size() * sizeof(float));
            for (std::size_t p = 0; centre && p < vector.size(); ++p) vector[p] -= centre[p];
            QueryBounds& bounds = bounds_[i] = score_bounds_.of_query_in_pairs(vector.data());
            bool const zero = bounds.length == 0;
            double const square =
                -rank_distance(Metric::inner_product, vector.data(), vector.data(), rows_.cols);
            biases_[i] = metric_ == Metric::inner_product    ? 0
                         : metric_ == Metric::cosine && zero ? -0.5f
                                                             : static_cast<float>(square * -0.5);
            if (!ScoreBounds::scorable(bounds)) all.store(false, std::memory_order_relaxed);
        }
    }
    can_score_ = all;
}

RowRange SelfJoin::piece(std::int64_t number) const {
    return {number * piece_rows_, std::min((number + 1) * piece_rows_, rows_.rows)};
}

void SelfJoin::run(RowRange tasks, std::function<void()> const& done) {
    std::atomic<std::int64_t> next{tasks.first};
    FirstFailure failure;
#pragma omp parallel num_threads(threads_)
    failure.run([&] {
        Workspace workspace(rows_.cols, k_);
        // In order: rows see positions nearly ascending, and the equal ones that come late are
        // dropped at a glance.
        for (std::int64_t task = next++; task < tasks.last; task = next++) {
            run_task(task, workspace);
            done();
        }
    });
    failure.rethrow();
}

void SelfJoin::run_task(std::int64_t task, Workspace& workspace) {
    auto const after = std::upper_bound(first_task_.begin(), first_task_.end(), task);
    std::int64_t const number = after - first_task_.begin() - 1;
    pack_piece(number, workspace);
    std::int64_t const run = (task - *(after - 1)) * pieces_per_task * piece_rows_;
    RowRange const own = piece(number);
    std::int64_t const last = std::min(run + pieces_per_task * piece_rows_, own.first);
    if (run < last) scan({run, last}, true, workspace);
    if (task + 1 == *after) scan(own, false, workspace);
}

void SelfJoin::pack_piece(std::int64_t number, Workspace& workspace) const {
    if (workspace.piece == number) return;
    workspace.piece = number;
    workspace.panels.clear();
    RowRange const rows = piece(number);
    float* values = workspace.values.data();
    for (std::int64_t first = rows.first; first < rows.last; first += panel_columns) {
        std::int64_t const last = std::min<std::int64_t>(first + panel_columns, rows.last);
        workspace.panels.push_back(pack(rows_.slice(first, last), metric_, score_bounds_,
                                        centre_.empty() ? nullptr : centre_.data(), values));
        values += rows_.cols * panel_columns;
    }
}

void SelfJoin::scan(RowRange queries, bool both_ways, Workspace& workspace) {
    std::int64_t const step = most_gathered(rows_.cols);
    for (std::int64_t first = queries.first; first < queries.last; first += step) {
        gather({first, std::min(first + step, queries.last)}, workspace);
        std::int64_t row = piece(workspace.piece).first;
        for (Panel const& panel : workspace.panels) {
            scan_panel(panel, row, both_ways, workspace);
            row += panel.rows;
        }
    }
}

void SelfJoin::gather(RowRange queries, Workspace& workspace) const {
    std::int64_t const dim = rows_.cols;
    auto const count = static_cast<std::size_t>(queries.size());
    workspace.queries = queries;
    workspace.pool_thresholds.resize(count);
    workspace.score_thresholds.resize(count);
    float longest = 0;
    for (std::size_t i = 0; i < count; ++i) {
        std::int64_t const row = queries.first + static_cast<std::int64_t>(i);
        float* const to = workspace.vectors.data() + static_cast<std::int64_t>(i) * dim;
        std::memcpy(to, rows_.row_data(row), static_cast<std::size_t>(dim) * sizeof(float));
        for (std::size_t p = 0; p < centre_.size(); ++p) to[p] -= centre_[p];
        workspace.pool_thresholds[i] = pool_.threshold(row);
        pool_.fetch_places(row);
        longest = std::max(longest, bounds_[row].length);
    }
    workspace.query_rows = score_bounds_.of_rows(longest * longest);
}

void SelfJoin::scan_panel(Panel const& panel, std::int64_t first_row, bool both_ways,
                          Workspace& workspace) {
    set_thresholds(panel, first_row, both_ways, workspace);
    std::int64_t const count = workspace.queries.size();
    for (std::int64_t first = 0; first < count; first += tile_queries)
        scan_tile(panel, first_row, first, workspace);
}

void SelfJoin::set_thresholds(Panel const& panel, std::int64_t first_row, bool both_ways,
                              Workspace& workspace) const {
    for (std::size_t i = 0; i < workspace.pool_thresholds.size(); ++i) {
        QueryBounds const& bounds = bounds_[workspace.queries.first + static_cast<std::int64_t>(i)];
        workspace.score_thresholds[i] =
            minus_margin(workspace.pool_thresholds[i], ScoreBounds::slack(bounds, panel.bounds));
    }
    for (std::int64_t j = 0; j < panel_columns; ++j)
        workspace.columns[j] = both_ways && j < panel.rows
                                   ? column_threshold(panel, j, first_row + j, workspace)
                                   : nothing;
}

/// A column's score is what was summed plus the query's bias, minus its own.
float SelfJoin::column_threshold(Panel const& panel, std::int64_t column, std::int64_t row,
                                 Workspace const& workspace) const {
    return minus_margin(pool_.threshold(row) + panel.bias[column],
                        ScoreBounds::slack(bounds_[row], workspace.query_rows));
}

void SelfJoin::scan_tile(Panel const& panel, std::int64_t first_row, std::int64_t first,
                         Workspace& workspace) {
    std::int64_t const dim = rows_.cols;
    std::int64_t const count =
        std::min<std::int64_t>(tile_queries, workspace.queries.size() - first);
    float const* vectors[tile_queries];
    PairThresholds thresholds;
    thresholds.columns = workspace.columns;
    for (std::int64_t i = 0; i < tile_queries; ++i) {
        bool const exists = i < count;
        std::int64_t const at = first + (exists ? i : 0);
        vectors[i] = workspace.vectors.data() + at * dim;
        thresholds.queries[i] =
            exists ? workspace.score_thresholds[static_cast<std::size_t>(at)] : nothing;
        thresholds.shifts[i] = exists ? biases_[workspace.queries.first + at] : nothing;
    }
    PairResult result;
    if (!scan_kernels().score_pairs(vectors, dim, panel.values, panel.bias, thresholds, result))
        return;
    for (std::int64_t i = 0; i < count; ++i) {
        std::int64_t const query = workspace.queries.first + first + i;
        if (result.passed[i])
            collect(query, result.passed[i], result.scores[i], panel, first_row, workspace);
        if (result.reached[i])
            collect_turned(query, result.reached[i], result.scores[i], panel, first_row, workspace);
    }
}

void SelfJoin::collect(std::int64_t query, std::uint64_t passed, float const* scores,
                       Panel const& panel, std::int64_t first_row, Workspace& workspace) {
    float const slack = ScoreBounds::slack(bounds_[query], panel.bounds);
    Candidate candidates[panel_columns];
    std::size_t count = 0;
    for (; passed != 0; passed &= passed - 1) {
        int const column = std::countr_zero(passed);
        if (column >= panel.rows) break;
        std::int64_t const row = first_row + column;
        candidates[count++] = {minus_margin(scores[column], slack),
                               plus_margin(scores[column], slack), row, rows_.row_data(row)};
    }
    add(query, {candidates, count}, workspace);
    auto const at = static_cast<std::size_t>(query - workspace.queries.first);
    workspace.pool_thresholds[at] = pool_.threshold(query);
}

void SelfJoin::collect_turned(std::int64_t query, std::uint64_t reached, float const* scores,
                              Panel const& panel, std::int64_t first_row, Workspace& workspace) {
    for (; reached != 0; reached &= reached - 1) {
        int const column = std::countr_zero(reached);
        std::int64_t const row = first_row + column;
        float const score = scores[column] + biases_[query] - panel.bias[column];
        float const slack = ScoreBounds::slack(bounds_[row], workspace.query_rows);
        Candidate const candidate{minus_margin(score, slack), plus_margin(score, slack), query,
                                  rows_.row_data(query)};
        add(row, {&candidate, 1}, workspace);
        workspace.columns[column] = column_threshold(panel, column, row, workspace);
    }
}

void SelfJoin::add(std::int64_t row, std::span<Candidate const> candidates, Workspace& workspace) {
    pool_.add(
        row, candidates, [&](Candidate const& c) { return distance(row, c.row); },
        [](std::size_t) { return std::numeric_limits<double>::quiet_NaN(); }, workspace.scratch);
}

double SelfJoin::distance(std::int64_t row, float const* other) const {
    return rank_distance(metric_, rows_.row_data(row), other, rows_.cols);
}

void SelfJoin::finish(RowRange rows, RankedNeighbors& out) {
    FirstFailure failure;
#pragma omp parallel num_threads(threads_)
    {
        std::vector<RankedCandidate> nearest;
#pragma omp for schedule(dynamic, 16)
        for (std::int64_t row = rows.first; row < rows.last; ++row)
            failure.run([&] {
                pool_.rank_nearest(
                    row, [&](Candidate const& c) { return distance(row, c.row); }, nearest);
                RankedNeighbor* const to = out.row(row - rows.first);
                std::fill_n(to, out.cols(), no_neighbor);
                for (std::size_t i = 0; i < nearest.size(); ++i)
                    to[i] = {nearest[i].distance, nearest[i].candidate.position};
            });
    }
    failure.rethrow();
}

}  // namespace partita::knn
