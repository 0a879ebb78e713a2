#pragma once

#include "partita/frame/table.hpp"
#include "partita/pipeline/formula.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace partita::pipeline {

/// A column's number, or whether its text is a certain one (1 or 0).
struct Factor {
    std::string column;
    std::optional<std::string> level;
};

/// A product of factors.
struct Feature {
    std::vector<Factor> factors;
    std::string name() const;  ///< "age", "city=Rome", "age:city=Rome".
};

/// How rows of a table become rows of features, and a label: what a formula means for one table's
/// types and values. Fitted once, saved with the model, used for any table that has the columns.
struct Recipe {
    std::vector<Feature> features;
    std::string label;                      ///< Empty when there is none.
    std::vector<std::string> label_levels;  ///< The classes' texts, for a text label.
    std::vector<double> label_numbers;  ///< The classes' numbers, where they are not 0, 1, 2, ...
    bool intercept = true;

    std::vector<std::string> feature_names() const;
    /// The columns that features need, in order of appearance, without repetition.
    std::vector<std::string> columns() const;
    /// Of a label whose classes have been listed; 0 otherwise.
    std::int64_t classes() const {
        return static_cast<std::int64_t>(std::max(label_levels.size(), label_numbers.size()));
    }
};

/// Turn a formula into a recipe.
///
/// Collective. Numbers are features as they are; a text column becomes an indicator for each of its
/// values, by descending frequency (ties by text), without the last one, which the intercept stands
/// for; in products all values are kept. The table is read once when it has text among the columns.
/// @throws CollectiveError: a text column with more than `most_levels` values.
Recipe fit_recipe(frame::Table const& table, Formula const& formula,
                  std::int64_t most_levels = 10'000);

/// "label ~ a + b + c" without parsing; no features given means all other columns.
Formula formula_of(frame::Table const& table, std::string const& label,
                   std::vector<std::string> const& features);

/// What to do with a row that has a null (or NaN) where a number is needed.
enum class Nulls { fail, drop };

/// Rows of features from blocks of a table. Rank-local; one for each thread.
class Encoder {
  public:
    /// @param labelled  Rows without a label are left out too, with Nulls::drop.
    /// @param weights   Another column that must have a number in each row, or "".
    /// @throws Error when the schema lacks a column, or it has another type than it should.
    Encoder(Recipe const& recipe, frame::Schema const& schema, Nulls nulls, bool labelled = false,
            std::string const& weights = {});

    std::int64_t features() const { return std::ssize(recipe_.features); }

    /// Append rows to `x` (features() numbers a row).
    /// @param first_row  Of the block in its table, for messages.
    /// @return For each appended row its number in the block.
    std::vector<std::uint32_t> encode(frame::Block const& block, std::int64_t first_row,
                                      std::vector<double>& x);

    /// The labels of these rows, appended to `y`: numbers, or class numbers of the label's texts.
    /// @throws Error for a text that is not among the classes.
    void encode_labels(frame::Block const& block, std::vector<std::uint32_t> const& rows,
                       std::int64_t first_row, std::vector<double>& y) const;

    /// The weights of these rows, appended. @throws Error for one below 0.
    void encode_weights(frame::Block const& block, std::vector<std::uint32_t> const& rows,
                        std::int64_t first_row, std::vector<double>& weights) const;

  private:
    struct Source {
        std::int64_t column;
        std::optional<std::string> level;
    };

    double class_of(double label, std::int64_t row) const;
    std::vector<double> const& factor_values(frame::Block const& block, Source const& source);
    void find_usable(frame::Block const& block, std::int64_t first_row,
                     std::vector<std::uint32_t>& rows) const;

    Recipe recipe_;
    Nulls nulls_;
    std::vector<std::vector<Source>> sources_;  // for each feature
    std::vector<std::int64_t> used_;            // columns
    std::int64_t label_ = -1, weights_ = -1;
    std::vector<double> values_;
};

}  // namespace partita::pipeline
