#pragma once

#include "knn/scan_rows.hpp"
#include "knn/scan_workspace.hpp"

#include <algorithm>
#include <cstdint>
#include <span>

namespace partita::knn {

/// Of what the second-level cache holds together.
struct ScanSizes {
    std::int64_t piece_rows;  ///< Packed base vectors.
    std::int64_t gathered;    ///< Queries that pass them.
};

/// Show rows to queries: a piece of the rows is packed, and looked at by some queries after others.
///
/// @param panels      What pack fills.
/// @param pack        pack(first, count) -> ScanPiece.
/// @param gather      gather(queries): brings them together.
/// @param scan_panel  scan_panel(panel, rows of the piece, their positions).
template <class Panels, class Pack, class Gather, class ScanPanel>
void scan_in_pieces(ScanRows const& rows, RowPositions positions,
                    std::span<std::int32_t const> queries, ScanSizes sizes, Panels const& panels,
                    Pack pack, Gather gather, ScanPanel scan_panel) {
    auto const at_a_time = static_cast<std::size_t>(sizes.gathered);
    for (std::int64_t first = 0; first < rows.count; first += sizes.piece_rows) {
        ScanPiece const piece = pack(first, std::min(sizes.piece_rows, rows.count - first));
        for (std::size_t q = 0; q < queries.size(); q += at_a_time) {
            gather(queries.subspan(q, std::min(at_a_time, queries.size() - q)));
            std::int64_t row = first;
            for (auto const& panel : panels) {
                scan_panel(panel, piece.part(row, panel.rows), positions.from(row));
                row += panel.rows;
            }
        }
    }
}

}  // namespace partita::knn
