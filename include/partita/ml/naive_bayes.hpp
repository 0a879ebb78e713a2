#pragma once

#include "partita/core/buffer.hpp"
#include "partita/ml/training_set.hpp"

#include <cstdint>
#include <vector>

namespace partita::ml {

/// Features that are normal and independent within each class.
struct NaiveBayesModel {
    std::vector<double> priors;  ///< Probability of each class.
    RealMatrix means;            ///< classes x features.
    RealMatrix variances;        ///< The same, positive.

    std::int64_t classes() const { return means.rows(); }
    std::int64_t features() const { return means.cols(); }

    /// Probabilities of all classes, rows x classes. Rank-local.
    void predict_probabilities(Reals x, double* probabilities) const;
};

struct NaiveBayesOptions {
    std::int64_t classes = 2;  ///< Of the labels 0 .. classes - 1.
    /// Added to each variance: a share of the largest variance of a feature (as scikit-learn).
    double smoothing = 1e-9;
    int threads = 0;  ///< 0 = OpenMP's default.
};

/// Gaussian naive Bayes.
///
/// Collective. One pass gathers the moments of each class, merged by the formula of Chan, Golub and
/// LeVeque (1983), and one those of all rows; same bits for any number of ranks and threads.
/// A class without rows has probability 0.
/// @throws CollectiveError: no rows, no labels, a label that is no class number, only constant
///         features.
NaiveBayesModel fit_naive_bayes(Communicator const& comm, TrainingSet const& set,
                                NaiveBayesOptions const& options);

}  // namespace partita::ml
