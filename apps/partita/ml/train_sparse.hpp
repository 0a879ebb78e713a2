#pragma once

#include "ml/train_step.hpp"

namespace partita::cli {

/// train_and_save for the rows of a LIBSVM file, which stay sparse. Collective.
/// @throws CollectiveError for options that need named columns.
void train_sparse_and_save(Session& session, TrainArguments const& arguments, bool classify,
                           Fit const& fit);

}  // namespace partita::cli
