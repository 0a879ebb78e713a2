#pragma once

#include "partita/ml/linear_regression.hpp"
#include "partita/ml/logistic_regression.hpp"
#include "partita/pipeline/learner.hpp"

namespace partita::pipeline {

/// @throws Error for an unknown parameter or value.
ml::LinearRegressionOptions linear_options(Params const& params, LearnerSettings const& settings);
ml::LogisticRegressionOptions logistic_options(Params const& params,
                                               LearnerSettings const& settings);

}  // namespace partita::pipeline
