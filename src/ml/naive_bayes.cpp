#include "partita/ml/naive_bayes.hpp"

#include "ml/logistic_loss.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/ml/fold_rows.hpp"
#include "partita/ml/moments.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace partita::ml {

namespace {

/// State: for each class its weight, then each feature's mean and sum of squared deviations.
class ClassMomentsPartial : public Partial {
  public:
    ClassMomentsPartial(std::int64_t features, std::int64_t classes)
        : features_(features), classes_(classes) {}

    std::int64_t size() const override { return classes_ * stride(); }
    std::int64_t stride() const { return 1 + 2 * features_; }

    /// Two passes over a block that lies in the cache: means, then deviations from them.
    void accumulate(Batch const& batch, std::span<double> state, Scratch&) const override {
        for (std::int64_t i = 0; i < batch.x.rows; ++i) {
            double* const own = class_of(batch, i, state);
            own[0] += batch.weight(i);
            for (std::int64_t j = 0; j < features_; ++j)
                own[1 + j] += batch.weight(i) * batch.x.row_data(i)[j];
        }
        for (std::int64_t c = 0; c < classes_; ++c) {
            double* const own = state.data() + c * stride();
            for (std::int64_t j = 0; j < features_ && own[0] > 0; ++j) own[1 + j] /= own[0];
        }
        for (std::int64_t i = 0; i < batch.x.rows; ++i) {
            double* const own = class_of(batch, i, state);
            for (std::int64_t j = 0; j < features_; ++j) {
                double const deviation = batch.x.row_data(i)[j] - own[1 + j];
                own[1 + features_ + j] += batch.weight(i) * deviation * deviation;
            }
        }
    }

    void merge(std::span<double> state, std::span<double const> later) const override {
        for (std::int64_t c = 0; c < classes_; ++c) {
            double* const own = state.data() + c * stride();
            double const* const other = later.data() + c * stride();
            double const a = own[0], b = other[0], n = a + b;
            if (b == 0) continue;
            for (std::int64_t j = 1; j <= features_; ++j) {
                double const difference = other[j] - own[j];
                own[j] += difference * (b / n);
                own[features_ + j] += other[features_ + j] + difference * difference * (a / n) * b;
            }
            own[0] = n;
        }
    }

  private:
    double* class_of(Batch const& batch, std::int64_t i, std::span<double> state) const {
        double const label = batch.y[static_cast<std::size_t>(i)];
        check(label >= 0 && label < static_cast<double>(classes_) && label == std::floor(label),
              "row {}: expected a class number from 0 to {} as label, got {}", batch.rows.first + i,
              classes_ - 1, label);
        return state.data() + static_cast<std::int64_t>(label) * stride();
    }

    std::int64_t features_, classes_;
};

}  // namespace

NaiveBayesModel fit_naive_bayes(Communicator const& comm, TrainingSet const& set,
                                NaiveBayesOptions const& options) {
    check_everywhere(set.labelled(), "naive Bayes: expected a label for each row, got none");
    Moments const moments = column_moments(comm, set, options.threads);
    check_everywhere(moments.weight_sum > 0,
                     "naive Bayes: expected rows with positive weight, got none");
    double largest = 0;  // the labels come last
    for (std::int64_t j = 0; j < set.features(); ++j)
        largest = std::max(largest, moments.squared_deviations[static_cast<std::size_t>(j)]);
    check_everywhere(largest > 0, "naive Bayes: expected a feature that varies, got none");
    ClassMomentsPartial const partial(set.features(), options.classes);
    std::vector<double> const state = fold_rows(comm, set, partial, "naive Bayes", options.threads);
    NaiveBayesModel model;
    model.means = RealMatrix(options.classes, set.features());
    model.variances = RealMatrix(options.classes, set.features());
    double const added = options.smoothing * largest / moments.weight_sum;
    for (std::int64_t c = 0; c < options.classes; ++c) {
        double const* const own = state.data() + c * partial.stride();
        model.priors.push_back(own[0] / moments.weight_sum);
        for (std::int64_t j = 0; j < set.features(); ++j) {
            model.means.row(c)[j] = own[1 + j];
            double const squares = own[1 + set.features() + j];
            model.variances.row(c)[j] = (own[0] > 0 ? squares / own[0] : 0) + added;
        }
    }
    return model;
}

void NaiveBayesModel::predict_probabilities(Reals x, double* probabilities) const {
    check(x.cols == features(), "naive Bayes: expected rows of {} features, got {}", features(),
          x.cols);
    std::vector<double> constants;
    for (std::int64_t c = 0; c < classes(); ++c) {
        double sum = std::log(priors[static_cast<std::size_t>(c)]);
        for (std::int64_t j = 0; j < features(); ++j)
            sum -= 0.5 * std::log(2 * std::numbers::pi * variances.row(c)[j]);
        constants.push_back(sum);
    }
    for (std::int64_t i = 0; i < x.rows; ++i)
        for (std::int64_t c = 0; c < classes(); ++c) {
            double squares = 0;
            for (std::int64_t j = 0; j < features(); ++j) {
                double const deviation = x.row_data(i)[j] - means.row(c)[j];
                squares += deviation * deviation / variances.row(c)[j];
            }
            probabilities[i * classes() + c] =
                constants[static_cast<std::size_t>(c)] - 0.5 * squares;
        }
    softmax_rows(probabilities, x.rows, classes(), classes());
}

}  // namespace partita::ml
