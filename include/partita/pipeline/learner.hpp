#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/ml/linear_model.hpp"
#include "partita/ml/predictor.hpp"
#include "partita/ml/training_set.hpp"
#include "partita/pipeline/params.hpp"
#include "partita/pipeline/recipe.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace partita::pipeline {

/// What a fit gives: a model, and what people want to know about it.
struct Fitted {
    std::shared_ptr<ml::Predictor const> predictor;
    ml::FitSummary summary;
    std::vector<std::pair<std::string, std::string>> results;  ///< "r2", "0.83".
};

/// An estimator of any kind with its parameters: what pipelines, grids and commands hold.
class Learner {
  public:
    virtual ~Learner() = default;
    virtual std::string kind() const = 0;  ///< "logistic".
    /// Of trees with task "auto" only once settle_task has been called.
    virtual ml::PredictionKind prediction() const = 0;
    bool needs_label() const { return prediction() != ml::PredictionKind::cluster; }
    bool classifies() const { return prediction() == ml::PredictionKind::classes; }

    /// Collective over `comm`. @throws CollectiveError: what the estimator throws.
    virtual Fitted fit(Communicator const& comm, ml::TrainingSet const& set) const = 0;
};

/// What is not a parameter of the model.
struct LearnerSettings {
    bool intercept = true;  ///< Where the kind knows one; formulas may leave it out.
    std::uint64_t seed = 0;
    int threads = 0;  ///< 0 = OpenMP's default.
    /// Of the label, where more are known than may occur in the rows at hand; 0 = as they occur.
    std::int64_t classes = 0;
    std::int64_t memory_bytes = std::int64_t{256} << 20;  ///< For working arrays of trees.
};

/// @throws Error: no such kind or parameter (with a suggestion), a value out of its range.
std::unique_ptr<Learner> make_learner(std::string const& kind, Params const& params,
                                      LearnerSettings const& settings = {});

/// Fit on rank 0 alone, on rows that all ranks bring there, and give every rank the model: for
/// small samples, and as other systems do it. `fit` is called on rank 0, with a communicator of its
/// own.
///
/// Collective. The summary is rank 0's; other ranks have the predictor only.
/// @throws CollectiveError when the rows take more than `most_bytes`, and what `fit` throws.
using FitFunction = std::function<Fitted(Communicator const&, ml::TrainingSet const&)>;
Fitted fit_on_root(Communicator const& comm, ml::TrainingSet const& set, FitFunction const& fit,
                   std::int64_t most_bytes);

/// Whether learners of a kind predict values or classes, as their parameter "task" says.
bool knows_tasks(std::string const& kind);

/// For such kinds: set the parameter "task" where it is "auto", by the labels. Texts, and numbers
/// that are all 0 or 1, are classes; numbers with fractions are values.
///
/// Collective. @param recipe  Of the set's label.
/// @throws CollectiveError: other whole numbers, texts for task "regression".
void settle_task(Communicator const& comm, std::string const& kind, ml::TrainingSet const& set,
                 Recipe const& recipe, Params& params);

/// "linear", "logistic", "kmeans", ...
std::vector<std::string> learner_kinds();

}  // namespace partita::pipeline
