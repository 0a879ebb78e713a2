#pragma once

#include "ml/logistic_loss.hpp"

#include <vector>

namespace partita::ml {

/// The state of BinaryLogisticPartial over all rows, dense or sparse. Collective.
std::vector<double> binary_logistic_sums(Communicator const& comm, TrainingSet const& set,
                                         LogisticPoint const& point, bool hessian, int threads);

/// The state of SoftmaxPartial over all rows, dense or sparse. Collective.
std::vector<double> softmax_sums(Communicator const& comm, TrainingSet const& set,
                                 std::int64_t classes, LogisticPoint const& point, int threads);

}  // namespace partita::ml
