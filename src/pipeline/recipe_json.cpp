#include "pipeline/recipe_json.hpp"

#include <nlohmann/json.hpp>

namespace partita::pipeline {

using nlohmann::json;

json recipe_to_json(Recipe const& recipe) {
    json features = json::array();
    for (Feature const& feature : recipe.features) {
        json factors = json::array();
        for (Factor const& factor : feature.factors) {
            json entry{{"column", factor.column}};
            if (factor.level) entry["level"] = *factor.level;
            factors.push_back(entry);
        }
        features.push_back(factors);
    }
    return {{"features", features},
            {"label", recipe.label},
            {"label_levels", recipe.label_levels},
            {"label_numbers", recipe.label_numbers},
            {"intercept", recipe.intercept}};
}

Recipe recipe_from_json(json const& object) {
    Recipe recipe;
    for (json const& factors : object.at("features")) {
        Feature feature;
        for (json const& entry : factors) {
            Factor factor{entry.at("column").get<std::string>(), std::nullopt};
            if (entry.contains("level")) factor.level = entry["level"].get<std::string>();
            feature.factors.push_back(factor);
        }
        recipe.features.push_back(feature);
    }
    recipe.label = object.at("label").get<std::string>();
    recipe.label_levels = object.at("label_levels").get<std::vector<std::string>>();
    recipe.label_numbers = object.at("label_numbers").get<std::vector<double>>();
    recipe.intercept = object.at("intercept").get<bool>();
    return recipe;
}

}  // namespace partita::pipeline
