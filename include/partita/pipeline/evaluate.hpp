#pragma once

#include "partita/ml/evaluate.hpp"
#include "partita/pipeline/evaluate_binary.hpp"
#include "partita/pipeline/load.hpp"
#include "partita/pipeline/saved_model.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace partita::pipeline {

/// What there is to say about a model on a table; which parts are set depends on what it predicts.
struct Evaluation {
    std::int64_t rows = 0, dropped = 0;
    std::optional<ml::RegressionMetrics> regression;
    std::optional<ml::ClassificationMetrics> classes;
    std::optional<BinaryMetrics> binary;  ///< For two classes, beside `classes`.
    std::optional<ml::ClusteringMetrics> clusters;
    std::vector<std::string> class_names;

    /// For people: a line a figure, and the confusion matrix.
    std::string to_text() const;
    /// The figures as one JSON object.
    std::string to_json() const;
    /// The curve's points as CSV: threshold, rates, precision.
    std::string curve_csv() const;
};

struct EvaluateOptions {
    std::string label;  ///< Column to compare with; "" = the one that the model was trained on.
    Nulls nulls = Nulls::fail;
    std::string weights;  ///< Column of the rows' weights; "" = all count as much.
    std::int64_t curve_points = 100;
    int threads = 0;
};

/// Score a table with a model and compare with its labels. Features are kept in memory or scratch
/// (see load_rows).
///
/// Collective. @throws CollectiveError: no label, a label that the model does not know, no rows.
Evaluation evaluate(SavedModel const& model, frame::Table const& table,
                    EvaluateOptions const& options = {});

/// The same for the rows of a LIBSVM file, which stay sparse. Collective.
/// @throws CollectiveError also for a model of named columns.
Evaluation evaluate_libsvm(SavedModel const& model, dataset::Context const& context,
                           std::string const& path, EvaluateOptions const& options = {});

}  // namespace partita::pipeline
