#include "partita/pipeline/recipe.hpp"

#include "pipeline/levels.hpp"

#include "partita/core/error.hpp"

#include <algorithm>
#include <set>

namespace partita::pipeline {

namespace {

bool is_text(frame::Table const& table, std::string const& column) {
    frame::Schema const& schema = table.schema();
    return schema[schema.index_of(column)].type == frame::Type::text;
}

/// All text columns that a formula names.
std::vector<std::string> text_columns(frame::Table const& table, Formula const& formula) {
    std::vector<std::string> found;
    auto const look_at = [&](std::string const& column) {
        if (is_text(table, column) && std::find(found.begin(), found.end(), column) == found.end())
            found.push_back(column);
    };
    for (auto const& term : formula.terms)
        for (std::string const& column : term) look_at(column);
    if (!formula.label.empty()) look_at(formula.label);
    return found;
}

std::vector<Feature> times(std::vector<Feature> const& features,
                           std::vector<Factor> const& factors) {
    std::vector<Feature> all;
    for (Feature const& feature : features)
        for (Factor const& factor : factors) {
            all.push_back(feature);
            all.back().factors.push_back(factor);
        }
    return all;
}

}  // namespace

std::string Feature::name() const {
    std::string text;
    for (Factor const& factor : factors) {
        if (!text.empty()) text += ':';
        text += factor.column;
        if (factor.level) text += '=' + *factor.level;
    }
    return text;
}

std::vector<std::string> Recipe::feature_names() const {
    std::vector<std::string> names;
    for (Feature const& feature : features) names.push_back(feature.name());
    return names;
}

std::vector<std::string> Recipe::columns() const {
    std::vector<std::string> names;
    std::set<std::string> seen;
    for (Feature const& feature : features)
        for (Factor const& factor : feature.factors)
            if (seen.insert(factor.column).second) names.push_back(factor.column);
    return names;
}

Recipe fit_recipe(frame::Table const& table, Formula const& formula, std::int64_t most_levels) {
    std::vector<std::string> const texts = text_columns(table, formula);
    auto const levels = frequent_levels(table, texts, most_levels);
    auto const levels_of = [&](std::string const& column) -> std::vector<std::string> const* {
        auto const at = std::find(texts.begin(), texts.end(), column);
        return at == texts.end() ? nullptr : &levels[static_cast<std::size_t>(at - texts.begin())];
    };
    Recipe recipe;
    recipe.label = formula.label;
    recipe.intercept = formula.intercept;
    if (auto const* classes = levels_of(formula.label)) {
        recipe.label_levels = *classes;
        std::sort(recipe.label_levels.begin(), recipe.label_levels.end());
    }
    for (auto const& term : formula.terms) {
        std::vector<Feature> made{Feature{}};
        for (std::string const& column : term) {
            std::vector<Factor> factors;
            auto const* texts_of_column = levels_of(column);
            if (!texts_of_column) factors.push_back({column, std::nullopt});
            bool const reference = texts_of_column && term.size() == 1 && formula.intercept;
            for (std::size_t i = 0; texts_of_column && i + reference < texts_of_column->size(); ++i)
                factors.push_back({column, (*texts_of_column)[i]});
            made = times(made, factors);
        }
        recipe.features.insert(recipe.features.end(), made.begin(), made.end());
    }
    return recipe;
}

Formula formula_of(frame::Table const& table, std::string const& label,
                   std::vector<std::string> const& features) {
    Formula formula;
    formula.label = label;
    if (!label.empty()) table.schema().index_of(label);
    std::vector<std::string> const names = features.empty() ? table.schema().names() : features;
    for (std::string const& name : names) {
        table.schema().index_of(name);
        if (name != label) formula.terms.push_back({name});
    }
    return formula;
}

}  // namespace partita::pipeline
