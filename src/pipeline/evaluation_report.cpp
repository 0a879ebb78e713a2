#include "partita/pipeline/evaluate.hpp"

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace partita::pipeline {

namespace {

using Figures = std::vector<std::pair<std::string, double>>;

Figures figures_of(Evaluation const& e) {
    Figures all;
    if (e.regression) {
        auto const& m = *e.regression;
        all = {{"rmse", m.rmse}, {"mse", m.mse},
               {"mae", m.mae},   {"max_error", m.max_error},
               {"r2", m.r2},     {"explained_variance", m.explained_variance}};
    }
    if (e.clusters) all = {{"silhouette", e.clusters->silhouette}, {"cost", e.clusters->cost}};
    if (e.classes) {
        auto const& m = *e.classes;
        all = {{"accuracy", m.accuracy},
               {"log_loss", m.log_loss},
               {"weighted_precision", m.weighted.precision},
               {"weighted_recall", m.weighted.recall},
               {"weighted_f1", m.weighted.f1},
               {"macro_f1", m.macro.f1}};
    }
    if (e.binary) {
        auto const& m = *e.binary;
        Figures const more{{"auc", m.auc_roc},
                           {"auc_pr", m.auc_pr},
                           {"average_precision", m.average_precision},
                           {"binned_auc", m.binned_auc_roc},
                           {"binned_auc_pr", m.binned_auc_pr},
                           {"ks", m.kolmogorov_smirnov},
                           {"best_f1", m.best_f1},
                           {"best_f1_threshold", m.best_f1_threshold}};
        all.insert(all.end(), more.begin(), more.end());
    }
    return all;
}

std::string matrix_text(ml::ClassificationMetrics const& m, std::vector<std::string> const& names) {
    // Of very many classes nobody reads the table.
    constexpr std::size_t most_shown = 20;
    if (names.size() > most_shown) return {};
    std::string text = fmt::format("\n  {:<20}", "label \\ prediction");
    for (std::string const& name : names) text += fmt::format(" {:>12}", name);
    text += fmt::format(" {:>10} {:>10} {:>10}\n", "precision", "recall", "f1");
    for (std::size_t c = 0; c < names.size(); ++c) {
        text += fmt::format("  {:<20}", names[c]);
        for (std::size_t o = 0; o < names.size(); ++o)
            text += fmt::format(" {:>12.10g}", m.confusion.row(static_cast<std::int64_t>(c))[o]);
        ml::ClassMetrics const& one = m.classes[c];
        text += fmt::format(" {:>10.4f} {:>10.4f} {:>10.4f}\n", one.precision, one.recall, one.f1);
    }
    return text;
}

nlohmann::json number(double x) { return std::isfinite(x) ? nlohmann::json(x) : nlohmann::json(); }

}  // namespace

std::string Evaluation::to_text() const {
    std::string text;
    for (auto const& [name, value] : figures_of(*this))
        text += fmt::format("  {:<20} {:.10g}\n", name, value);
    if (classes) text += matrix_text(*classes, class_names);
    if (clusters)
        for (std::size_t c = 0; c < clusters->sizes.size(); ++c)
            text += fmt::format("  {:<20} {:.10g}\n", fmt::format("rows of cluster {}", c),
                                clusters->sizes[c]);
    return text;
}

std::string Evaluation::to_json() const {
    nlohmann::ordered_json object;
    object["rows"] = rows;
    for (auto const& [name, value] : figures_of(*this)) object[name] = number(value);
    if (classes) {
        object["classes"] = class_names;
        for (std::int64_t c = 0; c < classes->confusion.rows(); ++c) {
            double const* const row = classes->confusion.row(c);
            object["confusion"].push_back(
                std::vector<double>(row, row + classes->confusion.cols()));
        }
    }
    if (clusters) object["sizes"] = clusters->sizes;
    return object.dump(1) + '\n';
}

std::string Evaluation::curve_csv() const {
    std::string text = "threshold,true_positive_rate,false_positive_rate,precision\n";
    if (!binary) return text;
    for (CurvePoint const& point : binary->curve)
        text +=
            fmt::format("{},{},{},{}\n", point.threshold, point.true_positives / binary->positives,
                        point.false_positives / binary->negatives,
                        point.true_positives / (point.true_positives + point.false_positives));
    return text;
}

}  // namespace partita::pipeline
