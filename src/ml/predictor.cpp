#include "partita/ml/predictor.hpp"

#include "ml/class_predictor.hpp"
#include "ml/json_numbers.hpp"
#include "ml/kernels/dense_kernels.hpp"
#include "ml/predictor_kinds.hpp"
#include "ml/sparse_logistic.hpp"

#include "partita/core/suggest.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace partita::ml {

namespace {

using nlohmann::json;

std::string line(std::string const& name, double value) {
    return fmt::format("  {:<32} {: .8g}\n", name, value);
}

class LinearPredictor : public Predictor {
  public:
    explicit LinearPredictor(LinearModel model) : model_(std::move(model)) {}

    std::string kind() const override { return "linear"; }
    PredictionKind prediction() const override { return PredictionKind::value; }
    std::int64_t features() const override { return std::ssize(model_.coefficients); }

    void predict(Reals x, double* value, double*) const override {
        check_features(x.cols, features());
        dense_kernels().score(x.data, x.rows, x.cols, model_.coefficients.data(), model_.intercept,
                              value);
    }

    void predict_sparse(SparseRows const& x, double* value, double*) const override {
        check_features(x.cols, features());
        for (std::int64_t i = 0; i < x.rows(); ++i)
            value[i] = sparse_score(x, i, model_.coefficients.data(), model_.intercept);
    }

    std::optional<LinearModel> linear_score() const override { return model_; }

    std::string to_json() const override {
        return json{{"coefficients", numbers_to_json(model_.coefficients)},
                    {"intercept", number_to_json(model_.intercept)}}
            .dump();
    }

    std::string describe(std::vector<std::string> const& names) const override {
        std::string text = line("(intercept)", model_.intercept);
        for (std::size_t j = 0; j < names.size(); ++j)
            text += line(names[j], model_.coefficients[j]);
        return text;
    }

  private:
    LinearModel model_;
};

class LogisticPredictor : public ClassPredictor {
  public:
    explicit LogisticPredictor(LogisticModel model) : model_(std::move(model)) {}

    std::string kind() const override { return "logistic"; }
    std::int64_t features() const override { return model_.features(); }
    std::int64_t classes() const override { return model_.classes(); }

    std::optional<LinearModel> linear_score() const override {
        if (classes() != 2) return std::nullopt;
        double const* const row = model_.coefficients.row(0);
        return LinearModel{std::vector<double>(row, row + features()), model_.intercepts[0]};
    }

    std::string to_json() const override {
        return json{{"coefficients", matrix_to_json(model_.coefficients)},
                    {"intercepts", numbers_to_json(model_.intercepts)}}
            .dump();
    }

    std::string describe(std::vector<std::string> const& names) const override {
        std::string text;
        for (std::int64_t c = 0; c < model_.coefficients.rows(); ++c) {
            if (model_.coefficients.rows() > 1) text += fmt::format("class {}\n", c);
            text += line("(intercept)", model_.intercepts[static_cast<std::size_t>(c)]);
            for (std::size_t j = 0; j < names.size(); ++j)
                text += line(names[j], model_.coefficients.row(c)[j]);
        }
        return text;
    }

    void predict_sparse(SparseRows const& x, double* value, double* extra) const override {
        check_features(x.cols, features());
        Buffer<double> own(extra ? 0 : x.rows() * classes());
        double* const probabilities = extra ? extra : own.data();
        model_.predict_probabilities(x, probabilities);
        choose(probabilities, x.rows(), value);
    }

  private:
    void predict_probabilities(Reals x, double* probabilities) const override {
        model_.predict_probabilities(x, probabilities);
    }

    LogisticModel model_;
};

class KMeansPredictor : public Predictor {
  public:
    explicit KMeansPredictor(KMeansModel model) : model_(std::move(model)) {}

    std::string kind() const override { return "kmeans"; }
    PredictionKind prediction() const override { return PredictionKind::cluster; }
    std::int64_t features() const override { return model_.features(); }
    std::int64_t clusters() const override { return model_.clusters(); }

    void predict(Reals x, double* value, double* extra) const override {
        check_features(x.cols, features());
        std::vector<std::int32_t> clusters(static_cast<std::size_t>(x.rows));
        model_.predict(x, clusters.data(), extra);
        std::copy(clusters.begin(), clusters.end(), value);
    }

    std::string to_json() const override {
        return json{{"centres", matrix_to_json(model_.centres)}}.dump();
    }

    std::string describe(std::vector<std::string> const& names) const override {
        std::string text;
        for (std::int64_t c = 0; c < model_.clusters(); ++c) {
            text += fmt::format("cluster {}\n", c);
            for (std::size_t j = 0; j < names.size(); ++j)
                text += line(names[j], model_.centres.row(c)[j]);
        }
        return text;
    }

  private:
    KMeansModel model_;
};

std::unique_ptr<Predictor> read_linear(json const& object) {
    LinearModel model;
    model.coefficients = numbers_from_json(object, "coefficients");
    model.intercept = number_from_json(member(object, "intercept"), "intercept");
    return make_predictor(std::move(model));
}

std::unique_ptr<Predictor> read_logistic(json const& object) {
    LogisticModel model;
    model.coefficients = matrix_from_json(object, "coefficients");
    model.intercepts = numbers_from_json(object, "intercepts");
    check(std::ssize(model.intercepts) == model.coefficients.rows() && !model.intercepts.empty(),
          "'intercepts': expected {} numbers, got {}", model.coefficients.rows(),
          model.intercepts.size());
    return make_predictor(std::move(model));
}

std::unique_ptr<Predictor> read_kmeans(json const& object) {
    KMeansModel model;
    model.centres = matrix_from_json(object, "centres");
    check(model.clusters() > 0, "'centres': expected at least one");
    return make_predictor(std::move(model));
}

}  // namespace

void Predictor::predict_sparse(SparseRows const& x, double* value, double* extra) const {
    check_features(x.cols, features());
    constexpr std::int64_t numbers_at_once = 1 << 16;
    std::int64_t const most = std::max<std::int64_t>(1, numbers_at_once / features());
    std::int64_t const width = prediction() == PredictionKind::classes ? classes() : 1;
    std::vector<double> dense;
    for (std::int64_t first = 0; first < x.rows(); first += most) {
        std::int64_t const rows = std::min(most, x.rows() - first);
        dense.assign(static_cast<std::size_t>(rows * features()), 0.0);
        for (std::int64_t i = 0; i < rows; ++i)
            x.for_entries(first + i, [&](std::int32_t column, double entry) {
                dense[static_cast<std::size_t>(i * features() + column)] = entry;
            });
        predict({dense.data(), rows, features()}, value + first,
                extra ? extra + first * width : nullptr);
    }
}

std::unique_ptr<Predictor> make_predictor(LinearModel model) {
    return std::make_unique<LinearPredictor>(std::move(model));
}
std::unique_ptr<Predictor> make_predictor(LogisticModel model) {
    return std::make_unique<LogisticPredictor>(std::move(model));
}
std::unique_ptr<Predictor> make_predictor(KMeansModel model) {
    return std::make_unique<KMeansPredictor>(std::move(model));
}

std::unique_ptr<Predictor> read_predictor(std::string const& kind, std::string const& text) {
    json const object = json::parse(text, nullptr, false);
    check(object.is_object(), "expected the parameters of a model as a JSON object");
    try {
        if (kind == "linear") return read_linear(object);
        if (kind == "logistic") return read_logistic(object);
        if (kind == "kmeans") return read_kmeans(object);
        if (kind == "naive-bayes") return read_naive_bayes(object);
        if (kind == "tree" || kind == "forest" || kind == "gbt")
            return read_tree_ensemble(kind, object);
    } catch (json::exception const& e) {
        fail("a parameter of the {} model has the wrong type: {}", kind, e.what());
    }
    static std::vector<std::string> const kinds{"linear", "logistic", "kmeans", "naive-bayes",
                                                "tree",   "forest",   "gbt"};
    fail("expected a model of a kind that this version knows ({}), got '{}'", one_of(kinds), kind);
}

}  // namespace partita::ml
