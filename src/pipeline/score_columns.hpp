#pragma once

#include "partita/frame/column_builder.hpp"
#include "partita/ml/predictor.hpp"
#include "partita/pipeline/recipe.hpp"

#include <vector>

namespace partita::pipeline {

/// The columns that scoring adds: `prediction`, and with `extra` probabilities or a distance.
class ScoreColumns {
  public:
    /// @param classes  0 unless they are predicted.
    ScoreColumns(Recipe const& recipe, ml::PredictionKind kind, std::int64_t classes, bool extra);

    std::vector<frame::Field> const& fields() const { return fields_; }
    /// Numbers of a row that Predictor::predict gives as extra; 0 without.
    std::int64_t extra_width() const { return std::ssize(fields_) - 1; }
    /// @param extra    rows x extra_width().
    /// @param missing  Rows that get nulls; empty = none.
    std::vector<frame::Column> columns(std::vector<double> const& value,
                                       std::vector<double> const& extra,
                                       std::vector<bool> const& missing = {}) const;

  private:
    frame::Column prediction(std::vector<double> const& value,
                             std::vector<bool> const& missing) const;

    std::vector<frame::Field> fields_;
    std::vector<std::string> levels_;  // texts that are predicted
    std::vector<double> numbers_;      // of the classes, where they are not 0, 1, ...
};

}  // namespace partita::pipeline
