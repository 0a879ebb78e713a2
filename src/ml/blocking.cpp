#include "partita/ml/blocking.hpp"

#include <algorithm>

namespace partita::ml {

namespace {

constexpr std::int64_t fewest_rows = 512;
constexpr std::int64_t most_blocks = 1024;

}  // namespace

Blocking::Blocking(std::int64_t rows, std::int64_t block_rows)
    : rows_(rows),
      block_rows_(block_rows > 0 ? block_rows
                                 : std::max(fewest_rows, (rows + most_blocks - 1) / most_blocks)),
      blocks_((rows + block_rows_ - 1) / block_rows_) {}

RowRange Blocking::block(std::int64_t i) const {
    return {std::min(i * block_rows_, rows_), std::min((i + 1) * block_rows_, rows_)};
}

RowRange Blocking::rows_of(int rank, int ranks) const {
    RowRange const mine = blocks_of(rank, ranks);
    return {block(mine.first).first, block(mine.last).first};
}

int Blocking::owner_of(std::int64_t row, int ranks) const {
    return static_cast<int>(share_holding(blocks_, ranks, row / block_rows_));
}

}  // namespace partita::ml
