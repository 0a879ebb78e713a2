#include "knn/query_block.hpp"
#include "knn/scan_in_pieces.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <limits>

namespace partita::knn {
namespace {

/// Bits of the first rows of a panel.
std::uint64_t first_rows(std::int64_t rows) {
    return rows >= panel_columns ? ~std::uint64_t{0} : (std::uint64_t{1} << rows) - 1;
}

}  // namespace

void QueryBlock::scan(ScanRows const& rows, RowPositions positions, ScanWorkspace& workspace) {
    scan(rows, positions, all_, workspace);
}

void QueryBlock::scan(ScanRows const& rows, RowPositions positions,
                      std::span<std::int32_t const> queries, ScanWorkspace& workspace) {
    assert(rows.dim == dim());
    if (queries.empty() || (within_ && within_->is_too_much())) return;
    if (byte_kernels_ && workspace.gain_.expected()) {
        scan_bytes(rows, positions, queries, workspace);
    } else {
        scan_floats(rows, positions, queries, workspace);
        workspace.gain_.scored_floats(rows.count * std::ssize(queries));
    }
}

void QueryBlock::scan_floats(ScanRows const& rows, RowPositions positions,
                             std::span<std::int32_t const> queries, ScanWorkspace& workspace) {
    workspace.make_room_for_floats();
    scan_in_pieces(
        rows, positions, queries,
        {workspace.piece_panels_ * panel_columns, workspace.most_gathered_}, workspace.panels_,
        [&](std::int64_t first, std::int64_t count) {
            return pack_piece(rows, first, count, workspace);
        },
        [&](std::span<std::int32_t const> some) { gather(some, workspace.gathered_); },
        [&](Panel const& panel, ScanPiece const& piece, RowPositions places) {
            scan_panel(panel, piece, places, workspace);
        });
}

ScanPiece QueryBlock::take_piece(ScanRows const& rows, std::int64_t first_row, std::int64_t count,
                                 ScanWorkspace& workspace, MatrixView& vectors) const {
    vectors = {rows.vectors + first_row * dim(), count, dim()};
    ScanPiece piece{&rows, first_row, count, nullptr};
    if (!rows.coded) return piece;
    std::int64_t const most_panels =
        std::max(workspace.piece_panels_, workspace.byte_piece_panels_);
    if (workspace.decoded_.empty())
        workspace.decoded_ = Buffer<float>(most_panels * panel_columns * dim());
    rows.coded->decode(first_row, count, workspace.decoded_.data());
    vectors.data = workspace.decoded_.data();
    if (rows.coding_error == 0) piece.contents = vectors.data;
    return piece;
}

ScanPiece QueryBlock::pack_piece(ScanRows const& rows, std::int64_t first_row, std::int64_t count,
                                 ScanWorkspace& workspace) const {
    MatrixView vectors;
    ScanPiece const piece = take_piece(rows, first_row, count, workspace, vectors);
    workspace.panels_.clear();
    float* values = workspace.values_.data();
    for (std::int64_t first = 0; first < count; first += panel_columns) {
        std::int64_t const last = std::min<std::int64_t>(first + panel_columns, count);
        workspace.panels_.push_back(pack(vectors.slice(first, last), metric_, score_bounds_,
                                         centre(), values, rows.coding_error));
        values += dim() * panel_columns;
    }
    return piece;
}

void QueryBlock::fetch_ahead(std::int32_t query) const {
    auto const* const vector = reinterpret_cast<std::byte const*>(queries_.row_data(query));
    for (std::int64_t byte = 0; byte < dim() * 4; byte += 64) __builtin_prefetch(vector + byte);
    __builtin_prefetch(&bounds_[static_cast<std::size_t>(query)]);
    if (candidates_)
        candidates_->fetch_state(query);
    else
        ranked_->fetch(query);
}

void QueryBlock::gather(std::span<std::int32_t const> queries, Gathered& gathered) const {
    constexpr std::size_t ahead = 8;
    gathered.queries = queries;
    gathered.bounds.resize(queries.size());
    gathered.pool_thresholds.resize(queries.size());
    gathered.score_thresholds.resize(queries.size());
    for (std::size_t i = 0; i < queries.size(); ++i) {
        if (i + ahead < queries.size()) fetch_ahead(queries[i + ahead]);
        copy_centred(queries[i], gathered.vectors.data() + static_cast<std::int64_t>(i) * dim());
        gathered.bounds[i] = bounds_[static_cast<std::size_t>(queries[i])];
        gathered.pool_thresholds[i] = threshold(queries[i]);
        if (candidates_) candidates_->fetch_places(queries[i]);
    }
}

void QueryBlock::set_thresholds(Panel const& panel, Gathered& gathered) const {
    std::size_t const count = gathered.queries.size();
    for (std::size_t i = 0; i < count; ++i)
        gathered.score_thresholds[i] = minus_margin(
            gathered.pool_thresholds[i], ScoreBounds::slack(gathered.bounds[i], panel.bounds));
    if (panel.bounds.coding == 0) return;
    for (std::size_t i = 0; i < count; ++i)
        gathered.score_thresholds[i] -= score_bounds_.coding_slack(gathered.bounds[i], panel.bounds,
                                                                   gathered.score_thresholds[i]);
}

void QueryBlock::scan_panel(Panel const& panel, ScanPiece const& rows, RowPositions positions,
                            ScanWorkspace& workspace) {
    Gathered& gathered = workspace.gathered_;
    if (!panel.bounds.scorable) {
        for (std::int32_t query : gathered.queries) collect_all(query, rows, positions, workspace);
        return;
    }
    set_thresholds(panel, gathered);
    for (std::size_t first = 0; first < gathered.queries.size(); first += tile_queries)
        scan_tile(panel, rows, positions, first, workspace);
}

void QueryBlock::scan_tile(Panel const& panel, ScanPiece const& rows, RowPositions positions,
                           std::size_t first, ScanWorkspace& workspace) {
    Gathered& gathered = workspace.gathered_;
    std::size_t const count = std::min<std::size_t>(tile_queries, gathered.queries.size() - first);
    float const* vectors[tile_queries];
    for (std::size_t i = 0; i < count; ++i) {
        if (!ScoreBounds::scorable(gathered.bounds[first + i])) {
            collect_all(gathered.queries[first + i], rows, positions, workspace);
            gathered.score_thresholds[first + i] = std::numeric_limits<float>::quiet_NaN();
        }
        vectors[i] = gathered.vectors.data() + static_cast<std::int64_t>(first + i) * dim();
    }
    TileResult result;
    auto const tile = scan_kernels().score_tile[panel.vectors - 1][count - 1];
    if (!tile(vectors, dim(), panel.values, panel.bias, gathered.score_thresholds.data() + first,
              result))
        return;
    for (std::size_t i = 0; i < count; ++i) {
        if (!result.passed[i]) continue;
        std::int32_t const query = gathered.queries[first + i];
        QueryBounds const& bounds = gathered.bounds[first + i];
        if (candidates_)
            collect(query, rows, positions, result.passed[i], result.scores[i], bounds,
                    panel.bounds, workspace);
        else
            offer(query, rows, positions,
                  worth_ranking(query, result.passed[i], result.scores[i], panel.rows,
                                2 * ScoreBounds::slack(bounds, panel.bounds)));
        gathered.pool_thresholds[first + i] = threshold(query);
    }
}

std::uint64_t QueryBlock::worth_ranking(std::int32_t query, std::uint64_t passed,
                                        float const* scores, std::int64_t rows, float slack) const {
    passed &= first_rows(rows);
    if (within_ || threshold(query) != -infinity || zero_[static_cast<std::size_t>(query)])
        return passed;
    return among_best(passed, scores, static_cast<int>(rows), k_, slack);
}

std::int64_t QueryBlock::offer(std::int32_t query, ScanPiece const& rows, RowPositions positions,
                               std::uint64_t wanted) {
    RankedNeighbor found[panel_columns];
    std::size_t count = 0;
    for (; wanted != 0; wanted &= wanted - 1) {
        int const row = std::countr_zero(wanted);
        float const* const content = rows.content(row);
        found[count++] = {distance_to(query, content ? content : rows.place(row)), positions[row]};
    }
    if (!within_) return ranked_->add(query, {found, count});
    std::int64_t contained = 0;
    for (std::size_t i = 0; i < count && !within_->is_too_much(); ++i) {
        if (!within_->contains(found[i].distance)) continue;
        within_->add(query, found[i].position, found[i].distance);
        ++contained;
    }
    return contained;
}

void QueryBlock::collect(std::int32_t query, ScanPiece const& rows, RowPositions positions,
                         std::uint64_t passed, float const* scores, QueryBounds const& bounds,
                         RowBounds const& row_bounds, ScanWorkspace& workspace) {
    float const slack = ScoreBounds::slack(bounds, row_bounds);
    Candidate candidates[panel_columns];
    float const* contents[panel_columns];
    std::size_t count = 0;
    for (; passed != 0; passed &= passed - 1) {
        int const column = std::countr_zero(passed);
        if (column >= rows.count) break;
        float const score = scores[column];
        float const more =
            row_bounds.coding == 0
                ? slack
                : slack + score_bounds_.coding_slack(bounds, row_bounds, score - 2 * slack);
        contents[count] = rows.content(column);
        candidates[count++] = {minus_margin(score, more), plus_margin(score, more),
                               positions[column], rows.place(column)};
    }
    add(query, {candidates, count}, contents, workspace);
}

void QueryBlock::collect_all(std::int32_t query, ScanPiece const& rows, RowPositions positions,
                             ScanWorkspace& workspace) {
    if (!candidates_) {
        offer(query, rows, positions, first_rows(rows.count));
        return;
    }
    Candidate candidates[panel_columns];
    float const* contents[panel_columns];
    for (std::int64_t row = 0; row < rows.count; ++row) {
        contents[row] = rows.content(row);
        candidates[row] = {-infinity, infinity, positions[row], rows.place(row)};
    }
    add(query, {candidates, static_cast<std::size_t>(rows.count)}, contents, workspace);
}

void QueryBlock::add(std::int32_t query, std::span<Candidate const> candidates,
                     float const* const* contents, ScanWorkspace& workspace) {
    auto const distance_of = [&](std::size_t i) {
        return contents[i] ? distance_to(query, contents[i])
                           : exact_distance(query, candidates[i].row);
    };
    if (within_) {
        for (std::size_t i = 0; i < candidates.size(); ++i) {
            if (within_->is_too_much()) return;
            double const distance = distance_of(i);
            if (within_->contains(distance)) within_->add(query, candidates[i].position, distance);
        }
        return;
    }
    candidates_->add(
        query, candidates, [&](Candidate const& c) { return exact_distance(query, c.row); },
        [&](std::size_t i) {
            return contents[i] ? distance_to(query, contents[i])
                               : std::numeric_limits<double>::quiet_NaN();
        },
        workspace.scratch_);
}

}  // namespace partita::knn
