#include "partita/pipeline/saved_model.hpp"

#include "pipeline/class_names.hpp"
#include "pipeline/model_text.hpp"
#include "pipeline/recipe_json.hpp"

#include "partita/core/atomic_file.hpp"
#include "partita/core/error.hpp"

#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace partita::pipeline {

namespace {

using nlohmann::json;

constexpr char format_name[] = "partita model";
/// 2 has stages; a model without any is still written as 1, which older versions read.
constexpr int format_version = 2;

SavedModel model_from(json const& object) {
    SavedModel model;
    model.recipe = recipe_from_json(object.at("recipe"));
    for (json const& stage : object.value("stages", json::array()))
        model.stages.push_back(
            read_transformer(stage.at("kind").get<std::string>(), stage.at("parameters").dump()));
    model.centre = object.at("centre").get<std::vector<double>>();
    model.scale = object.at("scale").get<std::vector<double>>();
    model.trained_on = object.at("trained_on").get<std::string>();
    model.rows = object.at("rows").get<std::int64_t>();
    model.predictor =
        ml::read_predictor(object.at("kind").get<std::string>(), object.at("parameters").dump());
    std::size_t const features = model.recipe.features.size();
    check(model.predictor->features() == static_cast<std::int64_t>(features),
          "expected parameters for {} features, got {}", features, model.predictor->features());
    for (auto const* numbers : {&model.centre, &model.scale})
        check(numbers->empty() || numbers->size() == features,
              "expected a scale for each of {} features, got {}", features, numbers->size());
    return model;
}

std::string read_text(std::string const& path) {
    std::ifstream in(path);
    check(in.is_open(), "{}: no such file", path);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

}  // namespace

std::vector<std::string> names_of_classes(Recipe const& recipe, std::int64_t classes) {
    if (!recipe.label_levels.empty()) return recipe.label_levels;
    std::vector<std::string> names;
    for (double const number : recipe.label_numbers) names.push_back(fmt::format("{}", number));
    if (!names.empty()) return names;
    for (std::int64_t c = 0; c < classes; ++c) names.push_back(std::to_string(c));
    return names;
}

std::vector<std::string> SavedModel::class_names() const {
    return names_of_classes(recipe, predictor->classes());
}

void save_model(SavedModel const& model, std::string const& path, bool overwrite) {
    json object{{"format", format_name},
                {"version", model.stages.empty() ? 1 : format_version},
                {"kind", model.predictor->kind()},
                {"trained_on", model.trained_on},
                {"rows", model.rows},
                {"recipe", recipe_to_json(model.recipe)},
                {"centre", model.centre},
                {"scale", model.scale},
                {"parameters", json::parse(model.predictor->to_json())}};
    for (auto const& stage : model.stages)
        object["stages"].push_back(
            {{"kind", stage->kind()}, {"parameters", json::parse(stage->to_json())}});
    AtomicFile file(path, overwrite);
    {
        std::ofstream out(file.temporary_path());
        out << model_text(object) << '\n';
        check(out.flush().good(), "{}: cannot write", path);
    }
    file.commit();
}

SavedModel load_model(std::string const& path) {
    json const object = json::parse(read_text(path), nullptr, false);
    check(object.is_object() && object.value("format", json()) == format_name,
          "{}: expected a model that partita train wrote", path);
    int const version = object.value("version", 0);
    check(version >= 1 && version <= format_version,
          "{}: expected a model of format version {} or older, got {}", path, format_version,
          version);
    try {
        return model_from(object);
    } catch (json::exception const& e) {
        fail("{}: damaged model: {}", path, e.what());
    } catch (Error const& e) {
        fail("{}: {}", path, e.what());
    }
}

}  // namespace partita::pipeline
