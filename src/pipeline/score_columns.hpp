#pragma once

#include "partita/frame/column_builder.hpp"
#include "partita/pipeline/saved_model.hpp"

#include <vector>

namespace partita::pipeline {

/// The columns that scoring adds: `prediction`, and with `extra` probabilities or a distance.
class ScoreColumns {
  public:
    ScoreColumns(SavedModel const& model, bool extra);

    std::vector<frame::Field> const& fields() const { return fields_; }
    /// Numbers of a row that Predictor::predict gives as extra; 0 without.
    std::int64_t extra_width() const { return std::ssize(fields_) - 1; }
    /// @param extra  rows x extra_width().
    std::vector<frame::Column> columns(std::vector<double> const& value,
                                       std::vector<double> const& extra) const;

  private:
    frame::Column prediction(std::vector<double> const& value) const;

    std::vector<frame::Field> fields_;
    std::vector<std::string> levels_;  // texts that are predicted
    std::vector<double> numbers_;      // of the classes, where they are not 0, 1, ...
};

}  // namespace partita::pipeline
