#include "ml/class_predictor.hpp"
#include "ml/json_numbers.hpp"
#include "ml/predictor_kinds.hpp"

namespace partita::ml {

namespace {

using nlohmann::json;

json tree_to_json(Tree const& tree) {
    json features = json::array(), thresholds = json::array(), children = json::array();
    for (Tree::Node const& node : tree.nodes) {
        features.push_back(node.feature);
        thresholds.push_back(number_to_json(node.threshold));
        children.push_back(node.child);
    }
    return {{"feature", features},
            {"threshold", thresholds},
            {"child", children},
            {"values", numbers_to_json(tree.values)}};
}

Tree tree_from_json(json const& object) {
    auto const features = member(object, "feature").get<std::vector<std::int32_t>>();
    auto const children = member(object, "child").get<std::vector<std::int32_t>>();
    std::vector<double> const thresholds = numbers_from_json(object, "threshold");
    check(features.size() == thresholds.size() && features.size() == children.size(),
          "'tree': expected as many features as thresholds and children, got {}, {} and {}",
          features.size(), thresholds.size(), children.size());
    Tree tree;
    for (std::size_t i = 0; i < features.size(); ++i)
        tree.nodes.push_back({thresholds[i], features[i], children[i]});
    tree.values = numbers_from_json(object, "values");
    return tree;
}

std::string to_text(TreeEnsemble const& model) {
    json trees = json::array();
    for (Tree const& tree : model.trees) trees.push_back(tree_to_json(tree));
    return json{{"features", model.features},
                {"classes", model.classes},
                {"base", numbers_to_json(model.base)},
                {"importances", numbers_to_json(model.importances)},
                {"trees", trees}}
        .dump();
}

class TreeRegressor : public Predictor {
  public:
    explicit TreeRegressor(TreeEnsemble model) : model_(std::move(model)) {}

    std::string kind() const override { return model_.kind; }
    PredictionKind prediction() const override { return PredictionKind::value; }
    std::int64_t features() const override { return model_.features; }
    void predict(Reals x, double* value, double*) const override {
        check_features(x.cols, features());
        model_.predict(x, value);
    }
    std::string to_json() const override { return to_text(model_); }
    std::string describe(std::vector<std::string> const& names) const override {
        return model_.describe(names);
    }

  private:
    TreeEnsemble model_;
};

class TreeClassifier : public ClassPredictor {
  public:
    explicit TreeClassifier(TreeEnsemble model) : model_(std::move(model)) {}

    std::string kind() const override { return model_.kind; }
    std::int64_t features() const override { return model_.features; }
    std::int64_t classes() const override { return model_.classes; }
    std::string to_json() const override { return to_text(model_); }
    std::string describe(std::vector<std::string> const& names) const override {
        return model_.describe(names);
    }

  private:
    void predict_probabilities(Reals x, double* probabilities) const override {
        model_.predict(x, probabilities);
    }

    TreeEnsemble model_;
};

}  // namespace

std::unique_ptr<Predictor> make_predictor(TreeEnsemble model) {
    if (model.classes > 0) return std::make_unique<TreeClassifier>(std::move(model));
    return std::make_unique<TreeRegressor>(std::move(model));
}

std::unique_ptr<Predictor> read_tree_ensemble(std::string const& kind, json const& object) {
    TreeEnsemble model;
    model.kind = kind;
    model.features = member(object, "features").get<std::int64_t>();
    model.classes = member(object, "classes").get<std::int64_t>();
    check(model.features > 0, "'features': expected at least 1, got {}", model.features);
    check(model.classes == 0 || model.classes >= 2, "'classes': expected 0 or at least 2, got {}",
          model.classes);
    model.base = numbers_from_json(object, "base");
    model.importances = numbers_from_json(object, "importances");
    for (json const& tree : member(object, "trees")) model.trees.push_back(tree_from_json(tree));
    model.check_shape();
    return make_predictor(std::move(model));
}

}  // namespace partita::ml
