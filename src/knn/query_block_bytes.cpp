#include "knn/query_block.hpp"
#include "knn/scan_in_pieces.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

namespace partita::knn {

void QueryBlock::scan_bytes(ScanRows const& rows, RowPositions positions,
                            std::span<std::int32_t const> queries, ScanWorkspace& workspace) {
    workspace.make_room_for_bytes();
    scan_in_pieces(
        rows, positions, queries,
        {workspace.byte_piece_panels_ * panel_columns, workspace.most_gathered_bytes_},
        workspace.byte_panels_,
        [&](std::int64_t first, std::int64_t count) {
            return pack_byte_piece(rows, first, count, workspace);
        },
        [&](std::span<std::int32_t const> some) { gather_bytes(some, workspace.gathered_bytes_); },
        [&](BytePanel const& panel, ScanPiece const& piece, RowPositions places) {
            scan_byte_panel(panel, piece, places, workspace);
        });
}

ScanPiece QueryBlock::pack_byte_piece(ScanRows const& rows, std::int64_t first_row,
                                      std::int64_t count, ScanWorkspace& workspace) const {
    MatrixView vectors;
    ScanPiece const piece = take_piece(rows, first_row, count, workspace, vectors);
    workspace.byte_panels_.clear();
    std::uint8_t* values = workspace.byte_values_.data();
    for (std::int64_t first = 0; first < count; first += panel_columns) {
        std::int64_t const last = std::min<std::int64_t>(first + panel_columns, count);
        workspace.byte_panels_.push_back(pack_bytes(*byte_kernels_, vectors.slice(first, last),
                                                    metric_, score_bounds_, centre(), values));
        values += byte_panel_bytes(dim());
    }
    return piece;
}

void QueryBlock::gather_bytes(std::span<std::int32_t const> queries,
                              GatheredBytes& gathered) const {
    constexpr std::size_t ahead = 8;
    std::int64_t const code_bytes = byte_groups(dim()) * byte_group;
    gathered.queries = queries;
    gathered.scales.resize(queries.size());
    gathered.bounds.resize(queries.size());
    gathered.pool_thresholds.resize(queries.size());
    gathered.terms.resize(queries.size());
    for (std::size_t i = 0; i < queries.size(); ++i) {
        if (i + ahead < queries.size()) {
            std::int32_t const next = queries[i + ahead];
            for (std::int64_t byte = 0; byte < code_bytes; byte += 64)
                __builtin_prefetch(codes_.data() + next * code_bytes + byte);
            __builtin_prefetch(&byte_queries_[static_cast<std::size_t>(next)]);
            __builtin_prefetch(&bounds_[static_cast<std::size_t>(next)]);
            ranked_->fetch_state(next);
        }
        auto const query = static_cast<std::size_t>(queries[i]);
        std::memcpy(gathered.codes.data() + static_cast<std::int64_t>(i) * code_bytes,
                    codes_.data() + queries[i] * code_bytes, static_cast<std::size_t>(code_bytes));
        gathered.scales[i] = byte_queries_[query];
        gathered.bounds[i] = bounds_[query];
        gathered.pool_thresholds[i] = threshold(queries[i]);
    }
}

void QueryBlock::scan_byte_panel(BytePanel const& panel, ScanPiece const& rows,
                                 RowPositions positions, ScanWorkspace& workspace) {
    GatheredBytes& gathered = workspace.gathered_bytes_;
    if (!panel.bounds.scorable) {
        for (std::int32_t query : gathered.queries) collect_all(query, rows, positions, workspace);
        return;
    }
    for (std::size_t i = 0; i < gathered.queries.size(); ++i)
        gathered.terms[i] = ByteSlack(gathered.scales[i], gathered.bounds[i], panel)
                                .terms(gathered.scales[i], gathered.pool_thresholds[i]);
    workspace.passed_.clear();
    for (std::size_t first = 0; first < gathered.queries.size(); first += tile_queries)
        score_byte_tile(panel, first, workspace);
    offer_passed(rows, positions, workspace);
}

void QueryBlock::score_byte_tile(BytePanel const& panel, std::size_t first,
                                 ScanWorkspace& workspace) {
    GatheredBytes& gathered = workspace.gathered_bytes_;
    std::int64_t const groups = byte_groups(dim());
    std::size_t const count = std::min<std::size_t>(tile_queries, gathered.queries.size() - first);
    std::int8_t const* codes[tile_queries];
    for (std::size_t i = 0; i < count; ++i)
        codes[i] =
            gathered.codes.data() + static_cast<std::int64_t>(first + i) * groups * byte_group;
    TileResult result;
    auto const tile = byte_kernels_->score_tile[panel.vectors - 1][count - 1];
    bool const any = tile(codes, groups, gathered.terms.data() + first, panel.values,
                          panel.columns.steps, panel.bias, result);
    for (std::size_t i = first; i < first + count; ++i) {
        std::int32_t const query = gathered.queries[i];
        std::uint64_t rows = any ? result.passed[i - first] : 0;
        if (!ScoreBounds::scorable(gathered.bounds[i])) {
            rows = ~std::uint64_t{0};
            if (panel.rows < panel_columns) rows >>= panel_columns - panel.rows;
        } else if (rows != 0) {
            ByteSlack const slack(gathered.scales[i], gathered.bounds[i], panel);
            rows = worth_ranking(query, rows, result.scores[i - first], panel.rows,
                                 2 * (slack.rest + slack.offset * panel.most_step));
        }
        if (rows == 0) continue;
        workspace.passed_.push_back({static_cast<std::int32_t>(i), rows});
        auto const* const vector = reinterpret_cast<std::byte const*>(queries_.row_data(query));
        for (std::int64_t byte = 0; byte < dim() * 4; byte += 64) __builtin_prefetch(vector + byte);
        ranked_->fetch(query);
    }
}

void QueryBlock::offer_passed(ScanPiece const& rows, RowPositions positions,
                              ScanWorkspace& workspace) {
    GatheredBytes& gathered = workspace.gathered_bytes_;
    std::int64_t ranked = 0, of_use = 0;
    for (ScanWorkspace::Passed const& passed : workspace.passed_) {
        auto const at = static_cast<std::size_t>(passed.query);
        std::int32_t const query = gathered.queries[at];
        of_use += offer(query, rows, positions, passed.rows);
        ranked += std::popcount(passed.rows);
        gathered.pool_thresholds[at] = threshold(query);
    }
    workspace.gain_.scored_bytes(rows.count * std::ssize(gathered.queries), ranked - of_use);
}

}  // namespace partita::knn
