#pragma once

#include "partita/ml/predictor.hpp"
#include "partita/pipeline/recipe.hpp"
#include "partita/pipeline/transformer.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace partita::pipeline {

/// A fitted model with the way from a table's columns to its features: all that scoring needs.
struct SavedModel {
    Transformers stages;  ///< Applied to the table's columns, in order, before the recipe.
    Recipe recipe;
    std::vector<double> centre, scale;  ///< (feature - centre) * scale before the model, or empty.
    std::shared_ptr<ml::Predictor const> predictor;  ///< None: stages only, such as a scaler.
    std::string trained_on;                          ///< For people: the table, ...
    std::int64_t rows = 0;                           ///< ... and how many rows of it.
    ml::FitSummary summary;  ///< How the fit went; its errors and tests too.
    std::vector<std::pair<std::string, std::string>> results;  ///< See Fitted.

    /// The columns that a table must have.
    std::vector<std::string> columns() const { return columns_needed(stages, recipe.columns()); }
    /// Names of the classes: the label's texts, or "0", "1", ...
    std::vector<std::string> class_names() const;
};

/// One JSON file: format, version, stages, recipe and parameters; of large models, such as forests,
/// an HDF5 file with that JSON and the arrays of numbers. Rank-local, no MPI; written atomically.
void save_model(SavedModel const& model, std::string const& path, bool overwrite);

/// @throws Error: no such file, no model of this format, a newer version, damaged parameters.
SavedModel load_model(std::string const& path);

/// What to add to each row of a table.
struct ScoreOptions {
    std::vector<std::string> keep;  ///< Columns to keep, such as an id; empty = none.
    bool extra = false;             ///< Probabilities of the classes, or distances, too.
    Nulls nulls = Nulls::fail;
};

/// The kept columns and `prediction` (and `probability_<class>` or `distance`) for each row; of a
/// model without a predictor the columns that its stages make.
///
/// Collective, lazy: rows are scored block by block when the result is written or counted, in
/// order; memory does not grow with the table.
frame::Table score(SavedModel const& model, frame::Table const& table, ScoreOptions const& options);

}  // namespace partita::pipeline
