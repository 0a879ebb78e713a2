#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace partita::ml {

/// intercept + sum of coefficients[j] * x[j].
struct LinearModel {
    std::vector<double> coefficients;
    double intercept = 0;
};

/// The elastic net: strength * (l1_share |b|_1 + (1 - l1_share) / 2 |b|_2^2), added to the mean
/// loss. The intercept is never penalised.
struct Penalty {
    double strength = 0;  ///< lambda
    double l1_share = 0;  ///< alpha: 0 = ridge, 1 = lasso.
    /// Penalise coefficients of features scaled to unit standard deviation.
    bool standardize = true;
    /// Of the standard deviation that scales: 0 as glmnet and scikit-learn, 1 as Spark's MLlib.
    int ddof = 0;

    double l1() const { return strength * l1_share; }
    double l2() const { return strength * (1 - l1_share); }
};

/// How a fit went, for people and tests.
struct FitSummary {
    std::string method;  ///< "normal equations", "Newton", ...
    std::int64_t rows = 0;
    double weight_sum = 0;
    int iterations = 0;
    bool converged = true;
    std::vector<double> objective_history;
    std::vector<std::string> warnings;
    /// Of the coefficients, the intercept's last (where there is one); empty where undefined.
    std::vector<double> standard_errors, statistics, p_values;
};

}  // namespace partita::ml
