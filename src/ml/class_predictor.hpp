#pragma once

#include "partita/core/error.hpp"
#include "partita/ml/predictor.hpp"

#include <algorithm>

namespace partita::ml {

inline void check_features(std::int64_t got, std::int64_t features) {
    check(got == features, "prediction: expected rows of {} features, got {}", features, got);
}

/// Probabilities of classes, and the most likely one: what predictors of classes have in common.
class ClassPredictor : public Predictor {
  public:
    PredictionKind prediction() const override { return PredictionKind::classes; }

    void predict(Reals x, double* value, double* extra) const override {
        check_features(x.cols, features());
        Buffer<double> own(extra ? 0 : x.rows * classes());
        double* const probabilities = extra ? extra : own.data();
        predict_probabilities(x, probabilities);
        choose(probabilities, x.rows, value);
    }

  protected:
    /// The most likely class of each row.
    void choose(double const* probabilities, std::int64_t rows, double* value) const {
        for (std::int64_t i = 0; i < rows; ++i) {
            double const* const row = probabilities + i * classes();
            value[i] = static_cast<double>(std::max_element(row, row + classes()) - row);
        }
    }

  private:
    virtual void predict_probabilities(Reals x, double* probabilities) const = 0;
};

}  // namespace partita::ml
