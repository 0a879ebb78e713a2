#pragma once

#include "ml/panels.hpp"

#include <cstdint>
#include <span>

namespace partita::ml {

/// Where a logistic loss is evaluated: packed features and their coefficients.
struct LogisticPoint {
    Packing packing;
    /// Binary: d + 1 numbers, the intercept's last. Softmax: classes x (d + 1).
    std::span<double const> coefficients;
};

/// Sums over rows at a point, for two classes. State: loss, weight of rows that are not on their
/// class's side, weight, gradient (d + 1), and with `hessian` its upper triangle row by row.
class BinaryLogisticPartial : public Partial {
  public:
    BinaryLogisticPartial(std::int64_t features, LogisticPoint point, bool hessian)
        : features_(features), point_(point), hessian_(hessian) {}

    static constexpr std::int64_t gradient_at = 3;
    std::int64_t hessian_at() const { return gradient_at + features_ + 1; }
    std::int64_t size() const override;
    void accumulate(Batch const& batch, std::span<double> state, Scratch& scratch) const override;

  private:
    struct Memory;
    /// From scores to gradient factors and, with hessian_, roots of the Hessian's weights.
    void weigh(Batch const& batch, std::int64_t first, std::int64_t rows, Memory& memory,
               std::span<double> state) const;

    std::int64_t features_;
    LogisticPoint point_;
    bool hessian_;
};

/// The same for any number of classes. State: loss, weight of rows whose class is not the most
/// likely, weight, gradient (classes x (d + 1)).
class SoftmaxPartial : public Partial {
  public:
    SoftmaxPartial(std::int64_t features, std::int64_t classes, LogisticPoint point)
        : features_(features), classes_(classes), point_(point) {}

    static constexpr std::int64_t gradient_at = 3;
    std::int64_t size() const override { return gradient_at + classes_ * (features_ + 1); }
    void accumulate(Batch const& batch, std::span<double> state, Scratch& scratch) const override;

  private:
    std::int64_t features_, classes_;
    LogisticPoint point_;
};

/// Turn rows x stride scores into probabilities of `classes` classes, in place.
void softmax_rows(double* scores, std::int64_t rows, std::int64_t classes, std::int64_t stride);

}  // namespace partita::ml
