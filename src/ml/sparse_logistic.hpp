#pragma once

#include "ml/logistic_loss.hpp"

#include <vector>

namespace partita::ml {

/// Coefficients of scaled, centred features in the features' own units, as sparse rows are scored:
/// score = intercept + b . x. The intercept is the last of d + 1 numbers.
std::vector<double> in_own_units(Packing const& packing, std::span<double const> scaled);

/// Gradients (d + 1 numbers, the intercept's last) from own units to scaled, centred features.
void scale_gradient(Packing const& packing, std::span<double> gradient);

/// The same for the upper triangle of a Hessian, row by row.
void scale_hessian(Packing const& packing, std::span<double> hessian);

/// BinaryLogisticPartial's sums over sparse rows, in the features' own units: no row is centred, so
/// zeros cost nothing.
class SparseBinaryPartial : public Partial {
  public:
    SparseBinaryPartial(std::int64_t features, std::span<double const> coefficients, bool hessian)
        : features_(features), coefficients_(coefficients), hessian_(hessian) {}

    bool takes_sparse() const override { return true; }
    std::int64_t size() const override;
    void accumulate(Batch const& batch, std::span<double> state, Scratch& scratch) const override;

  private:
    void add_hessian(SparseRows const& rows, std::int64_t row, double weight,
                     double* hessian) const;

    std::int64_t features_;
    std::span<double const> coefficients_;
    bool hessian_;
};

/// SoftmaxPartial's sums over sparse rows, in the features' own units.
class SparseSoftmaxPartial : public Partial {
  public:
    /// @param coefficients  classes x (d + 1).
    SparseSoftmaxPartial(std::int64_t features, std::int64_t classes,
                         std::span<double const> coefficients)
        : features_(features), classes_(classes), coefficients_(coefficients) {}

    bool takes_sparse() const override { return true; }
    std::int64_t size() const override {
        return SoftmaxPartial::gradient_at + classes_ * (features_ + 1);
    }
    void accumulate(Batch const& batch, std::span<double> state, Scratch& scratch) const override;

  private:
    std::int64_t features_, classes_;
    std::span<double const> coefficients_;
};

/// intercept + coefficients . row.
inline double sparse_score(SparseRows const& rows, std::int64_t row, double const* coefficients,
                           double intercept) {
    double sum = intercept;
    rows.for_entries(row, [&](std::int32_t j, double x) { sum += coefficients[j] * x; });
    return sum;
}

}  // namespace partita::ml
