#pragma once

#include "partita/ml/training_set.hpp"

#include <vector>

namespace partita::ml {

/// The directions in which rows vary most.
struct PrincipalAxes {
    RealMatrix axes;                ///< components x features, orthonormal, by falling variance.
    std::vector<double> variances;  ///< Along each axis, over n - 1.
    std::vector<double> mean;       ///< Of the features.
    double total_variance = 0;      ///< Of all features: explained shares are variances over it.
};

/// Principal component analysis by the eigenvectors of the covariance matrix.
///
/// Collective; one pass and one state of (d + 2)(d + 3) / 2 numbers. Each axis's element of largest
/// size is positive (the first of equals), so that signs do not depend on the solver.
/// @throws CollectiveError: components not within 1 .. features, fewer than two rows.
PrincipalAxes principal_axes(Communicator const& comm, TrainingSet const& set,
                             std::int64_t components, int threads = 0);

}  // namespace partita::ml
