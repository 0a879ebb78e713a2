#pragma once

#include "ml/train_options.hpp"

#include "partita/ml/training_set.hpp"
#include "partita/pipeline/learner.hpp"
#include "partita/pipeline/saved_model.hpp"

#include <functional>
#include <string>

namespace partita::cli {

/// What a fit gives the command to save and to print.
using Trained = pipeline::Fitted;

/// The estimator's part: collective over the communicator that it gets.
using Fit =
    std::function<Trained(Communicator const&, ml::TrainingSet const&, pipeline::Recipe const&)>;

/// Read the table, make features, fit, print the summary and save the model. Collective.
///
/// With --on-root the (sampled) rows go to rank 0, which fits alone, and the model is what all
/// ranks get: for small samples, and to do as other systems do.
/// @param classify  Labels are classes: numbers other than 0, 1, ... are numbered first.
void train_and_save(Session& session, TrainArguments const& arguments, bool classify,
                    Fit const& fit);

/// What a learner is told besides its parameters.
pipeline::LearnerSettings learner_settings(Session const& session, pipeline::Recipe const& recipe);

/// Save the model with what was trained, and print the summary. Collective.
void save_and_print(Session& session, TrainArguments const& arguments, Trained const& trained,
                    pipeline::SavedModel& model, std::int64_t dropped);
/// The same for a learner by name: `params`, then what --param says.
void train_and_save(Session& session, TrainArguments const& arguments, std::string const& kind,
                    pipeline::Params params);

}  // namespace partita::cli
