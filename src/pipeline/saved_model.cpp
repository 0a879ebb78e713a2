#include "partita/pipeline/saved_model.hpp"

#include "pipeline/class_names.hpp"
#include "pipeline/large_arrays.hpp"
#include "pipeline/model_text.hpp"
#include "pipeline/recipe_json.hpp"

#include "partita/core/atomic_file.hpp"
#include "partita/core/error.hpp"

#include <cmath>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace partita::pipeline {

namespace {

using nlohmann::json;

constexpr char model_format[] = "partita model";
/// 2 has stages; a model without any is still written as 1, which older versions read. 3 is what an
/// HDF5 file holds, with its arrays beside it.
constexpr int model_version = 3;
/// A longer text is no longer for people to read.
constexpr std::size_t most_text_bytes = 1 << 20;
constexpr char transform_kind[] = "transform";  // stages and no predictor

/// A statistic that is not defined is null.
json numbers_or_null(std::vector<double> const& values) {
    json array = json::array();
    for (double const value : values) array.push_back(std::isfinite(value) ? json(value) : json());
    return array;
}

std::vector<double> numbers_or_nan(json const& object, char const* name) {
    std::vector<double> values;
    for (json const& value : object.value(name, json::array()))
        values.push_back(value.is_null() ? std::nan("") : value.get<double>());
    return values;
}

json summary_to_json(SavedModel const& model) {
    ml::FitSummary const& summary = model.summary;
    json results = json::array();
    for (auto const& [name, value] : model.results) results.push_back({name, value});
    return {{"method", summary.method},
            {"iterations", summary.iterations},
            {"converged", summary.converged},
            {"objective_history", numbers_or_null(summary.objective_history)},
            {"warnings", summary.warnings},
            {"standard_errors", numbers_or_null(summary.standard_errors)},
            {"statistics", numbers_or_null(summary.statistics)},
            {"p_values", numbers_or_null(summary.p_values)},
            {"results", results}};
}

/// Models of earlier versions, and of other programs, have none.
void read_summary(json const& object, SavedModel& model) {
    ml::FitSummary& summary = model.summary;
    summary.rows = model.rows;
    summary.method = object.value("method", "");
    summary.iterations = object.value("iterations", 0);
    summary.converged = object.value("converged", true);
    summary.objective_history = numbers_or_nan(object, "objective_history");
    summary.warnings = object.value("warnings", std::vector<std::string>{});
    summary.standard_errors = numbers_or_nan(object, "standard_errors");
    summary.statistics = numbers_or_nan(object, "statistics");
    summary.p_values = numbers_or_nan(object, "p_values");
    std::size_t const errors = summary.standard_errors.size();
    check(summary.statistics.size() == errors && summary.p_values.size() == errors,
          "expected as many statistics and p-values as standard errors, {}, got {} and {}", errors,
          summary.statistics.size(), summary.p_values.size());
    for (json const& result : object.value("results", json::array()))
        model.results.emplace_back(result.at(0).get<std::string>(),
                                   result.at(1).get<std::string>());
}

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
    read_summary(object.value("summary", json::object()), model);
    auto const kind = object.at("kind").get<std::string>();
    if (kind == transform_kind) {
        check(!model.stages.empty(), "expected stages, got none");
        return model;
    }
    model.predictor = ml::read_predictor(kind, object.at("parameters").dump());
    std::size_t const features = model.recipe.features.size();
    check(model.predictor->features() == static_cast<std::int64_t>(features),
          "expected parameters for {} features, got {}", features, model.predictor->features());
    for (auto const* numbers : {&model.centre, &model.scale})
        check(numbers->empty() || numbers->size() == features,
              "expected a scale for each of {} features, got {}", features, numbers->size());
    return model;
}

json read_object(std::string const& path) {
    std::ifstream in(path);
    check(in.is_open(), "{}: no such file", path);
    if (io::is_array_file(path)) {
        io::ArrayFile const file = io::read_array_file(path);
        try {
            return with_large_arrays(file);
        } catch (std::exception const& e) {
            fail("{}: damaged model: {}", path, e.what());
        }
    }
    std::ostringstream text;
    text << in.rdbuf();
    return json::parse(text.str(), nullptr, false);
}

void write_object(json object, std::string const& path) {
    std::string const text = model_text(object);
    if (text.size() > most_text_bytes) {
        object["version"] = model_version;
        io::write_array_file(path, without_large_arrays(std::move(object)));
        return;
    }
    std::ofstream out(path);
    out << text << '\n';
    check(out.flush().good(), "{}: cannot write", path);
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
    json object{
        {"format", model_format},
        {"version", model.stages.empty() ? 1 : 2},
        {"kind", model.predictor ? model.predictor->kind() : transform_kind},
        {"trained_on", model.trained_on},
        {"rows", model.rows},
        {"recipe", recipe_to_json(model.recipe)},
        {"centre", model.centre},
        {"scale", model.scale},
        {"summary", summary_to_json(model)},
        {"parameters", model.predictor ? json::parse(model.predictor->to_json()) : json::object()}};
    for (auto const& stage : model.stages)
        object["stages"].push_back(
            {{"kind", stage->kind()}, {"parameters", json::parse(stage->to_json())}});
    AtomicFile file(path, overwrite);
    write_object(std::move(object), file.temporary_path());
    file.commit();
}

SavedModel load_model(std::string const& path) {
    json const object = read_object(path);
    check(object.is_object() && object.value("format", json()) == model_format,
          "{}: expected a model that partita train wrote", path);
    int const version = object.value("version", 0);
    check(version >= 1 && version <= model_version,
          "{}: expected a model of format version {} or older, got {}", path, model_version,
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
