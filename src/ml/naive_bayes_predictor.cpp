#include "ml/class_predictor.hpp"
#include "ml/json_numbers.hpp"
#include "ml/predictor_kinds.hpp"

#include <cmath>

#include <fmt/core.h>

namespace partita::ml {

namespace {

using nlohmann::json;

class NaiveBayesPredictor : public ClassPredictor {
  public:
    explicit NaiveBayesPredictor(NaiveBayesModel model) : model_(std::move(model)) {}

    std::string kind() const override { return "naive-bayes"; }
    std::int64_t features() const override { return model_.features(); }
    std::int64_t classes() const override { return model_.classes(); }

    std::string to_json() const override {
        return json{{"priors", numbers_to_json(model_.priors)},
                    {"means", matrix_to_json(model_.means)},
                    {"variances", matrix_to_json(model_.variances)}}
            .dump();
    }

    std::string describe(std::vector<std::string> const& names) const override {
        std::string text;
        for (std::int64_t c = 0; c < classes(); ++c) {
            text += fmt::format("class {}, probability {:.6g} {:>21} {:>12}\n", c,
                                model_.priors[static_cast<std::size_t>(c)], "mean", "deviation");
            for (std::size_t j = 0; j < names.size(); ++j)
                text += fmt::format("  {:<32} {:>18.6g} {:>12.6g}\n", names[j],
                                    model_.means.row(c)[j], std::sqrt(model_.variances.row(c)[j]));
        }
        return text;
    }

  private:
    void predict_probabilities(Reals x, double* probabilities) const override {
        model_.predict_probabilities(x, probabilities);
    }

    NaiveBayesModel model_;
};

}  // namespace

std::unique_ptr<Predictor> make_predictor(NaiveBayesModel model) {
    return std::make_unique<NaiveBayesPredictor>(std::move(model));
}

std::unique_ptr<Predictor> read_naive_bayes(json const& object) {
    NaiveBayesModel model;
    model.priors = numbers_from_json(object, "priors");
    model.means = matrix_from_json(object, "means");
    model.variances = matrix_from_json(object, "variances");
    check(model.classes() > 0 && std::ssize(model.priors) == model.classes() &&
              model.variances.rows() == model.classes() &&
              model.variances.cols() == model.features(),
          "expected priors, means and variances of the same classes and features");
    for (std::int64_t i = 0; i < model.classes() * model.features(); ++i)
        check(model.variances.data()[i] > 0, "'variances': expected positive numbers, got {}",
              model.variances.data()[i]);
    return make_predictor(std::move(model));
}

}  // namespace partita::ml
