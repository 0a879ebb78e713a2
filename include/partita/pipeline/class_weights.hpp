#pragma once

#include "partita/ml/training_set.hpp"
#include "partita/pipeline/recipe.hpp"

#include <memory>
#include <string>

namespace partita::pipeline {

/// The set with rows weighted by their class, as a text says: "balanced", where every class counts
/// as much, or "no=1,yes=5", by the classes' names; classes that are not named have 1.
///
/// Collective. The result keeps `set` alive.
/// @throws CollectiveError: no such class (with a suggestion), a weight that is no number >= 0,
///         labels that are no classes.
std::shared_ptr<ml::TrainingSet const> with_class_weights(
    Communicator const& comm, std::shared_ptr<ml::TrainingSet const> set, Recipe const& recipe,
    std::string const& text);

}  // namespace partita::pipeline
