#include "knn/query_block.hpp"

#include "knn/kernels/scan_kernels.hpp"

#include "partita/core/error.hpp"
#include "partita/knn/distance.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include <omp.h>

namespace partita::knn {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
/// Vectors longer than this could overflow a float32 score.
constexpr float longest_scored = 1e18f;
/// Bounds are computed in float32 themselves: a hundredth more covers their rounding, and this
/// share of a score that of adding a bound to it.
constexpr double bound_margin = 1.01;
constexpr float score_margin = 0x1p-22f;

/// Bound on the relative error of a sum of `terms` rounded products: n u / (1 - n u) (Higham 2002,
/// section 3.1).
double sum_error(std::int64_t terms, double unit_roundoff) {
    double const product = static_cast<double>(terms) * unit_roundoff;
    return product / (1 - product);
}

float plus_margin(float score, float slack) {
    return score + (slack + std::abs(score) * score_margin);
}
float minus_margin(float score, float slack) {
    return score - (slack + std::abs(score) * score_margin);
}

}  // namespace

/// Up to panel_columns packed rows.
///
/// A score is bias + query . row: for l2 and cosine (which ranks by l2 of unit vectors) the bias is
/// -|row|^2 / 2, so that the squared distance is |query|^2 - 2 score.
struct QueryBlock::Panel {
    MatrixView rows;
    RowPositions positions;
    float const* values = nullptr;
    float bias[panel_columns];
    float slack_per_length = 0;  ///< Slack of a score: this times the query's length,
    float slack = 0;             ///< plus this, plus the query's own.
    bool scorable = false;       ///< No overflow, no NaN.
    int vectors = 0;             ///< Filled vectors of columns.
};

ScanWorkspace::ScanWorkspace(std::int64_t dim, std::int64_t k) : panel_(dim * panel_columns) {
    scratch_.reserve(static_cast<std::size_t>(CandidatePool::capacity(k)));
}

QueryBlock::QueryBlock(MatrixView queries, std::int64_t k, Metric metric,
                       std::span<float const> centre)
    : metric_(metric),
      k_(k),
      // 16 more for centring, the bias and for what little the margins leave out.
      float_error_(bound_margin * sum_error(queries.cols + 16, 0x1p-24)),
      double_error_(bound_margin * sum_error(queries.cols + 16, 0x1p-53)),
      centre_(centre.begin(), centre.end()),
      queries_(queries),
      centred_(queries.rows, queries.cols),
      all_(static_cast<std::size_t>(queries.rows)),
      pool_(queries.rows, k) {
    check(k >= 1, "nearest neighbours: expected k of at least 1, got {}", k);
    check(queries.rows <= std::numeric_limits<std::int32_t>::max(),
          "nearest neighbours: expected fewer than 2^31 queries in a block, got {}", queries.rows);
    check(centre.empty() || (metric == Metric::l2 && std::ssize(centre) == queries.cols),
          "nearest neighbours: expected a centre of {} numbers under l2, got {}", queries.cols,
          centre.size());
    std::iota(all_.begin(), all_.end(), 0);
    centre_queries();
    bounds_.reserve(all_.size());
    for (std::int64_t q = 0; q < queries.rows; ++q) bounds_.push_back(measure(q));
}

std::int64_t QueryBlock::bytes_per_query(std::int64_t dim, std::int64_t k) {
    return dim * static_cast<std::int64_t>(sizeof(float)) + CandidatePool::bytes_per_query(k) +
           static_cast<std::int64_t>(sizeof(QueryBounds) + sizeof(std::int32_t));
}

void QueryBlock::centre_queries() {
    auto const row_bytes = static_cast<std::size_t>(dim()) * sizeof(float);
    for (std::int64_t q = 0; q < queries(); ++q) {
        float* const row = centred_.row(q);
        std::memcpy(row, queries_.row_data(q), row_bytes);
        for (std::size_t p = 0; p < centre_.size(); ++p) row[p] -= centre_[p];
    }
}

QueryBlock::QueryBounds QueryBlock::measure(std::int64_t query) const {
    float const* const centred = centred_.row(query);
    double const squared = -rank_distance(Metric::inner_product, centred, centred, dim());
    QueryBounds bounds{};
    bounds.length = static_cast<float>(std::sqrt(squared) * bound_margin);
    // Under l2 the ranking in double has its own rounding error, which counts when the query is
    // far from all of the base.
    bounds.slack = metric_ == Metric::inner_product
                       ? 0.0f
                       : static_cast<float>(bound_margin * double_error_ * squared);
    bounds.zero = metric_ == Metric::cosine && squared == 0;
    return bounds;
}

double QueryBlock::exact_distance(std::int64_t query, float const* row) const {
    if (bounds_[static_cast<std::size_t>(query)].zero) return 1;
    double const distance = rank_distance(metric_, queries_.row_data(query), row, dim());
    return std::isnan(distance) ? std::numeric_limits<double>::infinity() : distance;
}

void QueryBlock::scan(MatrixView rows, RowPositions positions, ScanWorkspace& workspace) {
    scan(rows, positions, all_, workspace);
}

void QueryBlock::scan(MatrixView rows, RowPositions positions,
                      std::span<std::int32_t const> queries, ScanWorkspace& workspace) {
    assert(rows.cols == dim());
    if (queries.empty()) return;
    Panel panel;
    for (std::int64_t first = 0; first < rows.rows; first += panel_columns) {
        std::int64_t const last = std::min<std::int64_t>(first + panel_columns, rows.rows);
        panel.positions = positions.from(first);
        pack(rows.slice(first, last), workspace, panel);
        scan_panel(panel, queries, workspace);
    }
}

void QueryBlock::pack(MatrixView rows, ScanWorkspace& workspace, Panel& panel) const {
    float squares[panel_columns];
    scan_kernels().pack_panel(rows.data, rows.rows, dim(),
                              centre_.empty() ? nullptr : centre_.data(), workspace.panel_.data(),
                              squares);
    panel.rows = rows;
    panel.values = workspace.panel_.data();
    panel.vectors = static_cast<int>((rows.rows + vector_columns - 1) / vector_columns);
    float largest_square = 0;
    for (int j = 0; j < panel_columns; ++j) {
        if (!(squares[j] <= largest_square)) largest_square = squares[j];
        panel.bias[j] = metric_ == Metric::inner_product ? 0 : squares[j] * -0.5f;
        // At distance 1 from all, a zero vector is as far as one at a right angle.
        if (metric_ == Metric::cosine && squares[j] == 0) panel.bias[j] = -0.5f;
        if (j >= rows.rows) panel.bias[j] = std::numeric_limits<float>::lowest();
        if (std::isnan(squares[j])) largest_square = infinity;
    }
    bound_errors(panel, largest_square);
}

void QueryBlock::bound_errors(Panel& panel, float largest_square) const {
    // A square below the smallest float32 counts as zero: at most dim of them were lost.
    double const underflow = static_cast<double>(dim() + 16) * 0x1p-148;
    double square = largest_square * (1 + float_error_) + underflow;
    // Lengths of 1 are only nearly so, and stand in for zero vectors.
    if (metric_ == Metric::cosine) square = std::max(square, 1.0);
    double const length = std::sqrt(square);
    panel.scorable = length < longest_scored;
    if (!panel.scorable) return;
    double const error = float_error_ + 2 * double_error_;
    double const from_bias = metric_ == Metric::inner_product ? 0 : error * square;
    panel.slack_per_length = static_cast<float>(bound_margin * error * length);
    panel.slack = static_cast<float>(bound_margin * (from_bias + underflow));
}

void QueryBlock::scan_panel(Panel const& panel, std::span<std::int32_t const> queries,
                            ScanWorkspace& workspace) {
    for (std::size_t first = 0; first < queries.size(); first += tile_queries)
        scan_group(
            panel,
            queries.subspan(first, std::min<std::size_t>(tile_queries, queries.size() - first)),
            workspace);
}

void QueryBlock::scan_group(Panel const& panel, std::span<std::int32_t const> group,
                            ScanWorkspace& workspace) {
    float const* vectors[tile_queries];
    float slacks[tile_queries], thresholds[tile_queries];
    bool scorable = panel.scorable;
    for (std::size_t i = 0; i < group.size(); ++i) {
        QueryBounds const& bounds = bounds_[static_cast<std::size_t>(group[i])];
        vectors[i] = centred_.row(group[i]);
        slacks[i] = bounds.length * panel.slack_per_length + (bounds.slack + panel.slack);
        thresholds[i] = minus_margin(pool_.threshold(group[i]), slacks[i]);
        scorable = scorable && bounds.length < longest_scored;
    }
    if (!scorable) {
        for (std::int32_t query : group) collect_all(panel, query, workspace);
        return;
    }
    TileResult result;
    auto const tile = scan_kernels().score_tile[panel.vectors - 1][group.size() - 1];
    if (!tile(vectors, dim(), panel.values, panel.bias, thresholds, result)) return;
    for (std::size_t i = 0; i < group.size(); ++i)
        if (result.passed[i])
            collect(panel, group[i], result.passed[i], result.scores[i], slacks[i], workspace);
}

void QueryBlock::collect(Panel const& panel, std::int32_t query, std::uint64_t passed,
                         float const* scores, float slack, ScanWorkspace& workspace) {
    Candidate candidates[panel_columns];
    std::size_t count = 0;
    for (; passed != 0; passed &= passed - 1) {
        int const column = std::countr_zero(passed);
        if (column >= panel.rows.rows) break;
        candidates[count++] = {minus_margin(scores[column], slack),
                               plus_margin(scores[column], slack), panel.positions[column],
                               panel.rows.row_data(column)};
    }
    add(query, {candidates, count}, workspace);
}

void QueryBlock::collect_all(Panel const& panel, std::int32_t query, ScanWorkspace& workspace) {
    Candidate candidates[panel_columns];
    for (std::int64_t row = 0; row < panel.rows.rows; ++row)
        candidates[row] = {-infinity, infinity, panel.positions[row], panel.rows.row_data(row)};
    add(query, {candidates, static_cast<std::size_t>(panel.rows.rows)}, workspace);
}

void QueryBlock::add(std::int32_t query, std::span<Candidate const> candidates,
                     ScanWorkspace& workspace) {
    pool_.add(
        query, candidates, [&](Candidate const& c) { return exact_distance(query, c.row); },
        workspace.scratch_);
}

template <class Write>
void QueryBlock::rank_each(std::int64_t room, int threads, Write const& write) {
    check(room >= k_, "nearest neighbours: expected room for {} neighbours, got {}", k_, room);
    int const team = threads > 0 ? threads : omp_get_max_threads();
    std::vector<std::vector<RankedCandidate>> ranked(static_cast<std::size_t>(team));
    for (auto& list : ranked) list.reserve(static_cast<std::size_t>(CandidatePool::capacity(k_)));
#pragma omp parallel for schedule(dynamic, 16) num_threads(team)
    for (std::int64_t q = 0; q < queries(); ++q) {
        auto& list = ranked[static_cast<std::size_t>(omp_get_thread_num())];
        pool_.rank_nearest(
            q, [&](Candidate const& c) { return exact_distance(q, c.row); }, list);
        write(list, q);
    }
}

void QueryBlock::finish(Neighbors& out, std::int64_t first_query, int threads) {
    rank_each(out.k(), threads, [&](std::vector<RankedCandidate> const& nearest, std::int64_t q) {
        write_row(nearest, out, first_query + q);
    });
}

void QueryBlock::finish(RankedNeighbors& out, std::int64_t first_query, int threads) {
    rank_each(out.cols(), threads,
              [&](std::vector<RankedCandidate> const& nearest, std::int64_t q) {
                  RankedNeighbor* const row = out.row(first_query + q);
                  std::fill_n(row, out.cols(), no_neighbor);
                  for (std::size_t i = 0; i < nearest.size(); ++i)
                      row[i] = {nearest[i].distance, nearest[i].candidate.position};
              });
}

void QueryBlock::write_row(std::vector<RankedCandidate> const& nearest, Neighbors& out,
                           std::int64_t row) const {
    std::int64_t const found = std::ssize(nearest);
    std::int64_t* const positions = out.positions.row(row);
    float* const distances = out.distances.row(row);
    std::fill_n(positions, out.k(), -1);
    std::fill_n(distances, out.k(), infinity);
    for (std::int64_t i = 0; i < found; ++i) {
        RankedCandidate const& neighbour = nearest[static_cast<std::size_t>(i)];
        positions[i] = neighbour.candidate.position;
        distances[i] = reported_distance(metric_, neighbour.distance);
    }
}

}  // namespace partita::knn
