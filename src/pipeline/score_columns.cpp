#include "pipeline/score_columns.hpp"

#include "pipeline/class_names.hpp"

#include <algorithm>
#include <cmath>

namespace partita::pipeline {

using frame::Type;

ScoreColumns::ScoreColumns(Recipe const& recipe, ml::PredictionKind kind, std::int64_t classes,
                           bool extra) {
    bool const of_classes = kind == ml::PredictionKind::classes;
    if (of_classes) levels_ = recipe.label_levels, numbers_ = recipe.label_numbers;
    bool const fractions =
        std::any_of(numbers_.begin(), numbers_.end(), [](double x) { return x != std::floor(x); });
    bool const number = kind == ml::PredictionKind::value || fractions;
    fields_.push_back({"prediction", !levels_.empty() ? Type::text
                                     : number         ? Type::float64
                                                      : Type::int64});
    if (!extra) return;
    if (kind == ml::PredictionKind::cluster) fields_.push_back({"distance", Type::float64});
    if (of_classes)
        for (std::string const& name : names_of_classes(recipe, classes))
            fields_.push_back({"probability_" + name, Type::float64});
}

std::vector<frame::Column> ScoreColumns::columns(std::vector<double> const& value,
                                                 std::vector<double> const& extra,
                                                 std::vector<bool> const& missing) const {
    std::vector<frame::Column> columns{prediction(value, missing)};
    auto const width = static_cast<std::size_t>(extra_width());
    for (std::size_t e = 0; e < width; ++e) {
        frame::ColumnBuilder builder(Type::float64);
        for (std::size_t i = 0; i < value.size(); ++i)
            !missing.empty() && missing[i] ? builder.append_null()
                                           : builder.append(extra[i * width + e]);
        columns.push_back(builder.finish());
    }
    return columns;
}

frame::Column ScoreColumns::prediction(std::vector<double> const& value,
                                       std::vector<bool> const& missing) const {
    Type const type = fields_.front().type;
    frame::ColumnBuilder builder(type);
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (!missing.empty() && missing[i]) {
            builder.append_null();
            continue;
        }
        auto const place =
            static_cast<std::size_t>(levels_.empty() && numbers_.empty() ? 0 : value[i]);
        double const v = numbers_.empty() ? value[i] : numbers_[place];
        if (type == Type::text)
            builder.append_text(levels_[place]);
        else if (type == Type::int64)
            builder.append(static_cast<std::int64_t>(v));
        else
            builder.append(v);
    }
    return builder.finish();
}

}  // namespace partita::pipeline
