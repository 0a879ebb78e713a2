#include "pipeline/recipe_json.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/frame/hdf5.hpp"
#include "partita/io/hdf5_reader.hpp"
#include "partita/pipeline/group_models.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace partita::pipeline {

namespace {

using nlohmann::json;

constexpr char store_format[] = "partita group models";
/// 2 has models as JSON; coefficients are still written as 1, which older versions read.
constexpr int store_version = 2;

std::string description_of(std::string const& path) {
    io::Hdf5Reader const reader(path);
    check(reader.has("description") && reader.has("models"),
          "{}: expected a store of models that partita train-groups wrote", path);
    return reader.read_texts("description", 0, 1).front();
}

void read_description(std::string const& path, GroupModels& models) {
    json const object = json::parse(description_of(path), nullptr, false);
    check(object.is_object() && object.value("format", "") == store_format,
          "{}: expected a store of models that partita train-groups wrote", path);
    int const version = object.value("version", 0);
    check(version >= 1 && version <= store_version,
          "{}: expected a store of format version {} or older, got {}", path, store_version,
          version);
    try {
        models.kind = object.at("kind").get<std::string>();
        models.classes = object.value("classes", models.kind == "logistic" ? 2 : 0);
        models.by = object.at("by").get<std::vector<std::string>>();
        models.trained_on = object.at("trained_on").get<std::string>();
        models.recipe = recipe_from_json(object.at("recipe"));
    } catch (json::exception const& e) {
        fail("{}: damaged store of models: {}", path, e.what());
    }
}

}  // namespace

void save_group_models(GroupModels const& models, std::string const& path, bool overwrite) {
    json const object{{"format", store_format},
                      {"version", models.has_coefficients() ? 1 : store_version},
                      {"kind", models.kind},
                      {"classes", models.classes},
                      {"by", models.by},
                      {"trained_on", models.trained_on},
                      {"recipe", recipe_to_json(models.recipe)}};
    frame::write_hdf5(models.models, path + ":/models", overwrite,
                      {{"description", object.dump(1)}});
}

GroupModels load_group_models(dataset::Context const& context, std::string const& path) {
    GroupModels models{{}, {}, {}, {}, 0, frame::read_hdf5(context, path + ":/models")};
    collectively(context.comm(), "", [&] {
        read_description(path, models);
        std::vector<std::string> needed = models.by;
        needed.insert(needed.end(), {"rows", "status"});
        needed.push_back(models.has_coefficients() ? "intercept" : "model");
        if (models.has_coefficients())
            for (std::string const& name : models.recipe.feature_names())
                needed.push_back("coefficient_" + name);
        models.models.schema().indices_of(needed);
    });
    models.groups = models.models.rows();
    return models;
}

}  // namespace partita::pipeline
