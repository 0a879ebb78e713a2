#pragma once

#include "ml/logistic_loss.hpp"

#include "partita/ml/linear_model.hpp"
#include "partita/ml/moments.hpp"

#include <vector>

namespace partita::ml {

/// How features are centred and scaled while a logistic model is fitted, and what the penalty
/// becomes there. With a scaled coefficient u the coefficient is scale * u.
struct LogisticScaling {
    std::vector<double> centre;  ///< 0 without an intercept: nothing could take up the difference.
    std::vector<double> scale;   ///< 0 for constant features.
    std::vector<double> ridge;   ///< l2 strength on each scaled coefficient.
    double l1_factor = 1;        ///< l1 strength on scaled coefficients, in parts of the penalty's.

    LogisticScaling() = default;
    /// @param uniform_l1  OWL-QN knows one l1 strength for all: without standardization features
    ///                    then keep their own scale.
    LogisticScaling(Moments const& moments, Penalty const& penalty, bool intercept,
                    bool uniform_l1);

    Packing packing() const { return {centre, scale, true}; }
};

}  // namespace partita::ml
