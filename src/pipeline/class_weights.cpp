#include "partita/pipeline/class_weights.hpp"

#include "pipeline/class_names.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/core/suggest.hpp"
#include "partita/ml/class_labels.hpp"
#include "partita/ml/class_weights.hpp"
#include "partita/pipeline/params.hpp"

#include <algorithm>
#include <cmath>

namespace partita::pipeline {

namespace {

std::vector<double> parse_weights(std::string const& text, std::vector<std::string> const& names) {
    std::vector<double> weights(names.size(), 1.0);
    for (std::size_t from = 0; from <= text.size();) {
        std::size_t const to = std::min(text.find(',', from), text.size());
        std::string const item = text.substr(from, to - from);
        from = to + 1;
        std::size_t const equals = item.rfind('=');
        check(equals != std::string::npos && equals > 0,
              "class weights: expected balanced or CLASS=WEIGHT,CLASS=WEIGHT,..., got '{}'", text);
        std::string const name = item.substr(0, equals);
        auto const at = std::find(names.begin(), names.end(), name);
        check(at != names.end(), "class weights: no class '{}'{}; expected {}", name,
              did_you_mean(name, names), one_of(names));
        weights[static_cast<std::size_t>(at - names.begin())] =
            Params{{"weight", item.substr(equals + 1)}}.number("weight", 1, 0, HUGE_VAL);
    }
    return weights;
}

}  // namespace

std::shared_ptr<ml::TrainingSet const> with_class_weights(
    Communicator const& comm, std::shared_ptr<ml::TrainingSet const> set, Recipe const& recipe,
    std::string const& text) {
    std::vector<double> weights;
    if (text == "balanced") {
        weights = ml::balanced_class_weights(comm, *set);
    } else {
        std::int64_t const classes = ml::count_classes(comm, *set, "class weights");
        weights = collectively(
            comm, "", [&] { return parse_weights(text, names_of_classes(recipe, classes)); });
    }
    weights.resize(std::max(weights.size(), static_cast<std::size_t>(recipe.classes())), 0.0);
    return {new ml::ClassWeightedSet(*set, std::move(weights)),
            [set](ml::TrainingSet const* view) { delete view; }};
}

}  // namespace partita::pipeline
