#pragma once

#include "partita/ml/kmeans.hpp"
#include "partita/ml/linear_model.hpp"
#include "partita/ml/logistic_regression.hpp"
#include "partita/ml/naive_bayes.hpp"
#include "partita/ml/training_set.hpp"
#include "partita/ml/tree_ensemble.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace partita::ml {

/// What a predictor's numbers mean.
enum class PredictionKind {
    value,    ///< A number: regression.
    classes,  ///< The most likely class, and a probability for each.
    cluster,  ///< The nearest centre, and the squared distance to it.
};

/// A fitted model of any kind, for scoring and saving. Rank-local; functions are thread-safe.
class Predictor {
  public:
    virtual ~Predictor() = default;

    virtual std::string kind() const = 0;  ///< "logistic"; as in saved files.
    virtual PredictionKind prediction() const = 0;
    virtual std::int64_t features() const = 0;
    virtual std::int64_t classes() const { return 0; }   ///< 0 unless they are predicted.
    virtual std::int64_t clusters() const { return 0; }  ///< 0 unless they are predicted.

    /// @param x      rows x features.
    /// @param value  One number a row: the value, class or cluster.
    /// @param extra  nullptr, or rows x classes() probabilities, or a distance for each row.
    virtual void predict(Reals x, double* value, double* extra) const = 0;
    /// The same for sparse rows. Linear and logistic models take their entries only; others get
    /// some rows at a time written out.
    virtual void predict_sparse(SparseRows const& x, double* value, double* extra) const;

    /// The score intercept + coefficients . x, of linear models and logistic ones of two classes.
    virtual std::optional<LinearModel> linear_score() const { return std::nullopt; }

    /// The parameters as a JSON object; numbers come back bit for bit.
    virtual std::string to_json() const = 0;
    /// The model as a person reads it, a line a feature.
    virtual std::string describe(std::vector<std::string> const& feature_names) const = 0;
};

std::unique_ptr<Predictor> make_predictor(LinearModel model);
std::unique_ptr<Predictor> make_predictor(LogisticModel model);
std::unique_ptr<Predictor> make_predictor(KMeansModel model);
std::unique_ptr<Predictor> make_predictor(NaiveBayesModel model);
std::unique_ptr<Predictor> make_predictor(TreeEnsemble model);

/// What to_json of a predictor of this kind wrote.
/// @throws Error: an unknown kind (with the known ones), missing or misshapen parameters.
std::unique_ptr<Predictor> read_predictor(std::string const& kind, std::string const& json);

}  // namespace partita::ml
