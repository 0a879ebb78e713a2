#pragma once

#include "partita/ml/predictor.hpp"

#include <memory>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace partita::ml {

/// What to_json of these kinds wrote. @throws Error, nlohmann::json::exception.
std::unique_ptr<Predictor> read_tree_ensemble(std::string const& kind,
                                              nlohmann::json const& object);
std::unique_ptr<Predictor> read_naive_bayes(nlohmann::json const& object);

}  // namespace partita::ml
