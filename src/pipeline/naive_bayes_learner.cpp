#include "pipeline/learner_kinds.hpp"

#include "partita/ml/class_labels.hpp"
#include "partita/ml/naive_bayes.hpp"

#include <algorithm>
#include <cmath>

namespace partita::pipeline {

namespace {

class NaiveBayesLearner : public Learner {
  public:
    NaiveBayesLearner(Params const& params, LearnerSettings const& settings)
        : classes_(settings.classes) {
        params.check_names("naive-bayes", {"smoothing"});
        options_.smoothing = params.number("smoothing", options_.smoothing, 0, HUGE_VAL);
        options_.threads = settings.threads;
    }

    std::string kind() const override { return "naive-bayes"; }
    ml::PredictionKind prediction() const override { return ml::PredictionKind::classes; }

    Fitted fit(Communicator const& comm, ml::TrainingSet const& set) const override {
        ml::NaiveBayesOptions options = options_;
        options.classes = std::max(classes_, ml::count_classes(comm, set, "naive Bayes"));
        Fitted fitted;
        fitted.summary.method = "moments of each class";
        fitted.summary.rows = set.rows();
        fitted.predictor = ml::make_predictor(ml::fit_naive_bayes(comm, set, options));
        return fitted;
    }

  private:
    ml::NaiveBayesOptions options_;
    std::int64_t classes_;
};

}  // namespace

std::unique_ptr<Learner> make_naive_bayes_learner(Params const& params,
                                                  LearnerSettings const& settings) {
    return std::make_unique<NaiveBayesLearner>(params, settings);
}

}  // namespace partita::pipeline
