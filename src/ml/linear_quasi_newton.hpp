#pragma once

#include "partita/ml/linear_regression.hpp"

namespace partita::ml {

/// Least squares without a Gram matrix, for many features: L-BFGS, with an l1 penalty OWL-QN, on
/// features centred and scaled; a pass over the rows for each step tried. Sparse rows stay sparse.
///
/// Collective; minimises what fit_linear_regression does, and tests no coefficients.
LinearRegressionFit fit_linear_by_quasi_newton(Communicator const& comm, TrainingSet const& set,
                                               LinearRegressionOptions const& options);

}  // namespace partita::ml
