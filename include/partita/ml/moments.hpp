#pragma once

#include "partita/ml/training_set.hpp"

#include <vector>

namespace partita::ml {

/// Weighted column statistics.
struct Moments {
    double weight_sum = 0;  ///< Rows, where there are no weights.
    std::vector<double> mean, minimum, maximum;
    std::vector<double> squared_deviations;  ///< Weighted sum of (x - mean)^2.

    /// Standard deviations: squared deviations over weight_sum - ddof, square root. 0 where there
    /// are not more rows than that.
    std::vector<double> standard_deviation(int ddof) const;
};

/// Moments of the features, and of the labels when the set has any, as one more column at the end.
///
/// Collective. One pass; blocks are merged by the formula of Chan, Golub and LeVeque (1983), so
/// large offsets do not cancel. Same bits for any number of ranks and threads.
Moments column_moments(Communicator const& comm, TrainingSet const& set, int threads = 0);

}  // namespace partita::ml
