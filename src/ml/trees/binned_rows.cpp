#include "ml/trees/binned_rows.hpp"

#include "ml/trees/for_blocks.hpp"

#include "partita/core/error.hpp"

#include <algorithm>
#include <limits>

namespace partita::ml {

BinnedRows::BinnedRows(Communicator const& comm, TrainingSet const& set, BinEdges edges,
                       int threads)
    : edges_(std::move(edges)), owned_(set.blocking().rows_of(comm.rank(), comm.size())) {
    collectively(comm, "trees", [&] {
        check(rows() <= std::numeric_limits<std::uint32_t>::max(),
              "expected at most {} rows on a rank, got {}; use more ranks",
              std::numeric_limits<std::uint32_t>::max(), rows());
        by_row_ = Buffer<std::uint8_t>(rows() * features());
        by_column_ = Buffer<std::uint8_t>(rows() * features());
        labels_.resize(static_cast<std::size_t>(rows()));
    });
    RowRange const blocks = set.blocking().blocks_of(comm.rank(), comm.size());
    if (!blocks.empty()) {
        BatchBuffer buffer;
        RowRange const first = set.blocking().block(blocks.first);
        if (!set.read({first.first, first.first + 1}, buffer).weights.empty())
            weights_.resize(labels_.size());
    }
    for_blocks(comm, set, "read rows", threads,
               [&](std::int64_t, Batch const& batch) { bin(batch); });
    double largest = weights_.empty() ? 1 : *std::max_element(weights_.begin(), weights_.end());
    if (rows() == 0) largest = 0;
    largest_weight_ = comm.all_reduce(largest, Reduce::max);
}

void BinnedRows::bin(Batch const& batch) {
    std::int64_t const first = batch.rows.first - owned_.first, d = features();
    for (std::int64_t j = 0; j < d; ++j) {
        std::vector<double> const& edges = edges_.of_feature[static_cast<std::size_t>(j)];
        std::uint8_t* const column = by_column_.data() + j * rows() + first;
        std::uint8_t* const row = by_row_.data() + first * d + j;
        for (std::int64_t i = 0; i < batch.x.rows; ++i)
            row[i * d] = column[i] =
                static_cast<std::uint8_t>(BinEdges::bin_of(edges, batch.x.row_data(i)[j]));
    }
    std::copy(batch.y.begin(), batch.y.end(), labels_.begin() + first);
    std::copy(batch.weights.begin(), batch.weights.end(),
              weights_.empty() ? weights_.begin() : weights_.begin() + first);
}

}  // namespace partita::ml
