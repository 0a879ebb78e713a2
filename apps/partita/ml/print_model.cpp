#include "ml/print_model.hpp"

#include <fmt/format.h>

namespace partita::cli {

namespace {

/// "0.693147 0.45 0.42", of many values the first and last ones.
std::string shown_history(std::vector<double> const& history) {
    constexpr std::size_t first = 4, last = 4;
    std::string text;
    for (std::size_t i = 0; i < history.size(); ++i) {
        if (history.size() > first + last && i == first) {
            text += "... ";
            i = history.size() - last;
        }
        text += fmt::format("{:.6g} ", history[i]);
    }
    text.pop_back();
    return text;
}

void print_tests(Session const& session, ml::FitSummary const& summary,
                 std::vector<std::string> names) {
    if (summary.standard_errors.empty()) return;
    if (summary.standard_errors.size() > names.size()) names.push_back("(intercept)");
    std::string table =
        fmt::format("  {:<32} {:>12} {:>10} {:>10}\n", "", "std. error", "statistic", "p");
    for (std::size_t j = 0; j < names.size() && j < summary.standard_errors.size(); ++j)
        table +=
            fmt::format("  {:<32} {:>12.6g} {:>10.4g} {:>10.3g}\n", names[j],
                        summary.standard_errors[j], summary.statistics[j], summary.p_values[j]);
    session.print("{}", table);
}

}  // namespace

void print_model(Session const& session, pipeline::SavedModel const& model) {
    ml::FitSummary const& summary = model.summary;
    if (!summary.method.empty())
        session.field(
            "method", "{}{}", summary.method,
            summary.iterations > 0 ? fmt::format(", {} iterations", summary.iterations) : "");
    if (!summary.objective_history.empty())
        session.field("objective", "{}", shown_history(summary.objective_history));
    for (auto const& [name, value] : model.results) session.field(name, "{}", value);
    if (!model.predictor) return;
    std::vector<std::string> const names = model.recipe.feature_names();
    session.print("{}", model.predictor->describe(names));
    print_tests(session, summary, names);
}

}  // namespace partita::cli
