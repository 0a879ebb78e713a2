#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/ml/evaluate.hpp"
#include "partita/ml/fold_rows.hpp"

#include <algorithm>
#include <cmath>

namespace partita::ml {

namespace {

constexpr double least_probability = 1e-15;

/// State: the confusion matrix, then the sum of -log p(label).
class ConfusionPartial : public Partial {
  public:
    ConfusionPartial(std::int64_t classes, bool probabilities)
        : classes_(classes), probabilities_(probabilities) {}

    std::int64_t size() const override { return classes_ * classes_ + 1; }

    void accumulate(Batch const& batch, std::span<double> state, Scratch&) const override {
        for (std::int64_t i = 0; i < batch.x.rows; ++i) {
            double const weight = batch.weight(i);
            if (weight == 0) continue;
            double const* const row = batch.x.row_data(i);
            std::int64_t const label = class_of(batch, i);
            auto const predicted = static_cast<std::int64_t>(row[0]);
            state[static_cast<std::size_t>(label * classes_ + predicted)] += weight;
            if (probabilities_)
                state.back() -= weight * std::log(std::max(row[1 + label], least_probability));
        }
    }

  private:
    std::int64_t class_of(Batch const& batch, std::int64_t i) const {
        double const label = batch.y[static_cast<std::size_t>(i)];
        check(label >= 0 && label < static_cast<double>(classes_) && label == std::floor(label),
              "row {}: expected a label among the model's classes 0 to {}, got {}",
              batch.rows.first + i, classes_ - 1, label);
        return static_cast<std::int64_t>(label);
    }

    std::int64_t classes_;
    bool probabilities_;
};

double ratio(double part, double whole) { return whole > 0 ? part / whole : 0; }

void add_share(ClassMetrics& mean, ClassMetrics const& one, double share) {
    mean.precision += share * one.precision;
    mean.recall += share * one.recall;
    mean.f1 += share * one.f1;
    mean.support += one.support;
}

void derive(ClassificationMetrics& metrics) {
    std::int64_t const k = metrics.confusion.rows();
    double present = 0;
    for (std::int64_t c = 0; c < k; ++c) {
        double labelled = 0, predicted = 0, hits = metrics.confusion.row(c)[c];
        for (std::int64_t o = 0; o < k; ++o) {
            labelled += metrics.confusion.row(c)[o];
            predicted += metrics.confusion.row(o)[c];
        }
        metrics.weight_sum += labelled;
        metrics.accuracy += hits;
        ClassMetrics const one{ratio(hits, predicted), ratio(hits, labelled),
                               ratio(2 * hits, labelled + predicted), labelled};
        metrics.classes.push_back(one);
        if (labelled + predicted > 0) present += 1;
    }
    metrics.accuracy = ratio(metrics.accuracy, metrics.weight_sum);
    for (std::int64_t c = 0; c < k; ++c) {
        ClassMetrics const& one = metrics.classes[static_cast<std::size_t>(c)];
        add_share(metrics.weighted, one, ratio(one.support, metrics.weight_sum));
        add_share(metrics.macro, one, ratio(1, present));
    }
}

}  // namespace

ClassificationMetrics evaluate_classes(Communicator const& comm, TrainingSet const& scored,
                                       std::int64_t classes, int threads) {
    check_everywhere(scored.labelled(), "evaluation: expected a label for each row, got none");
    bool const probabilities = scored.features() == 1 + classes;
    std::vector<double> const state =
        fold_rows(comm, scored, ConfusionPartial(classes, probabilities), "evaluation", threads);
    ClassificationMetrics metrics;
    metrics.confusion = RealMatrix(classes, classes);
    std::copy_n(state.begin(), classes * classes, metrics.confusion.data());
    derive(metrics);
    check_everywhere(metrics.weight_sum > 0,
                     "evaluation: expected rows with positive weight, got none");
    metrics.log_loss = probabilities ? state.back() / metrics.weight_sum : NAN;
    return metrics;
}

}  // namespace partita::ml
