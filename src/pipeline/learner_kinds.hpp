#pragma once

#include "partita/pipeline/learner.hpp"

#include <memory>
#include <string>

namespace partita::pipeline {

/// "tree", "forest" and "gbt". @throws Error for an unknown parameter or value.
std::unique_ptr<Learner> make_tree_learner(std::string const& kind, Params const& params,
                                           LearnerSettings const& settings);
std::unique_ptr<Learner> make_naive_bayes_learner(Params const& params,
                                                  LearnerSettings const& settings);

}  // namespace partita::pipeline
