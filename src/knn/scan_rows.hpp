#pragma once

#include "partita/core/matrix_view.hpp"

#include <cstdint>

namespace partita::knn {

/// Rows that are kept as codes: what to score, and where what to rank by lies.
class CodedRows {
  public:
    virtual ~CodedRows() = default;

    /// Rows [first, first + count) as they are scored, count x dim.
    virtual void decode(std::int64_t first, std::int64_t count, float* out) const = 0;
    /// Where the vector lies that a row is ranked by; see RowStore.
    virtual float const* place(std::int64_t row) const = 0;
};

/// The rows of a scan: vectors as they are, or codes.
struct ScanRows {
    std::int64_t count = 0, dim = 0;
    float const* vectors = nullptr;  ///< count x dim, possibly unaligned.
    CodedRows const* coded = nullptr;
    float coding_error = 0;  ///< A vector is at most so far from what its code becomes.

    ScanRows(MatrixView rows) : count(rows.rows), dim(rows.cols), vectors(rows.data) {}
    ScanRows(CodedRows const& rows, std::int64_t n, std::int64_t d, float error)
        : count(n), dim(d), coded(&rows), coding_error(error) {}

    float const* place(std::int64_t row) const {
        return coded ? coded->place(row) : vectors + row * dim;
    }
};

/// Some of them, one after the other.
struct ScanPiece {
    ScanRows const* rows;
    std::int64_t first, count;
    float const* contents;  ///< Of codes that are ranked as they decode, while they are scanned.

    float const* place(std::int64_t row) const { return rows->place(first + row); }
    /// A row's vector where it is at hand, else null.
    float const* content(std::int64_t row) const {
        return contents ? contents + row * rows->dim : nullptr;
    }
    /// @param row  Of the scan, as `first`.
    ScanPiece part(std::int64_t row, std::int64_t n) const {
        return {rows, row, n, content(row - first)};
    }
};

}  // namespace partita::knn
