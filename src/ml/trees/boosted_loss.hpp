#pragma once

#include "ml/trees/binned_rows.hpp"
#include "ml/trees/row_statistics.hpp"

#include <cstdint>
#include <vector>

namespace partita::ml {

/// The scores of this rank's rows under the trees so far, and the loss's derivatives there.
///
/// Squared error for regression, log loss of one score for two classes, softmax of one score a
/// class for more.
class BoostedLoss {
  public:
    BoostedLoss(Communicator const& comm, Blocking const& blocking, BinnedRows const& rows,
                std::int64_t classes, int threads);

    std::int64_t scores() const { return scores_; }

    /// Collective: the best constant scores, which all rows get.
    std::vector<double> start();
    /// Rank-local; rows differ between threads.
    void add(std::int64_t row, std::int64_t score, double value) {
        score_[static_cast<std::size_t>(row * scores_ + score)] += value;
    }
    /// Collective, after scores have changed: prepares derivatives. Returns the mean loss.
    double update();
    /// The derivatives by one score of the rows in `statistics.order`. Rank-local but for units,
    /// which update() agreed on.
    void set_statistics(std::int64_t score, RowStatistics& statistics) const;

  private:
    /// Fill `expected_` of a block's rows; returns their summed loss.
    double expect(RowRange local_rows);

    Communicator const& comm_;
    Blocking const& blocking_;
    BinnedRows const& rows_;
    std::int64_t classes_, scores_;
    int threads_;
    double weight_sum_ = 0;
    double largest_gradient_ = 0;
    std::vector<double> score_, expected_;  // rows x scores
};

}  // namespace partita::ml
