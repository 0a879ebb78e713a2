#pragma once

#include "partita/core/row_range.hpp"

#include <cstdint>

namespace partita::ml {

/// How rows are cut into blocks: a function of their number alone.
///
/// A rank owns whole blocks, a contiguous run. Sums are taken within a block in the order of its
/// rows, and over blocks along a binary tree whose shape depends on their number only (see
/// fold_rows), so that they have the same bits for any number of ranks and threads.
class Blocking {
  public:
    Blocking() = default;
    /// @param block_rows  0 = at least 512, and at most 1,024 blocks in all. Tests give less.
    explicit Blocking(std::int64_t rows, std::int64_t block_rows = 0);

    std::int64_t rows() const { return rows_; }
    std::int64_t blocks() const { return blocks_; }
    RowRange block(std::int64_t i) const;

    /// Blocks of a rank: a balanced contiguous share.
    RowRange blocks_of(int rank, int ranks) const { return share_of(blocks_, ranks, rank); }
    /// Its rows.
    RowRange rows_of(int rank, int ranks) const;
    /// Which rank owns `row`; 0 <= row < rows().
    int owner_of(std::int64_t row, int ranks) const;

    friend bool operator==(Blocking const&, Blocking const&) = default;

  private:
    std::int64_t rows_ = 0, block_rows_ = 1, blocks_ = 0;
};

}  // namespace partita::ml
