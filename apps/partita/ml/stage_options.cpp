#include "ml/stage_options.hpp"

#include "cli/option_kinds.hpp"

#include "partita/pipeline/stages.hpp"

#include <algorithm>

namespace partita::cli {

namespace {

bool is_text(frame::Table const& table, std::string const& column) {
    return table.schema()[table.schema().index_of(column)].type == frame::Type::text;
}

/// Columns of the formula, in order; with `plain`, only those that are terms by themselves.
std::vector<std::string> columns_of(frame::Table const& table, pipeline::Formula const& formula,
                                    bool plain, bool with_texts) {
    std::vector<std::string> columns;
    for (auto const& term : formula.terms)
        for (std::string const& column : term)
            if ((!plain || term.size() == 1) && (with_texts || !is_text(table, column)) &&
                std::find(columns.begin(), columns.end(), column) == columns.end())
                columns.push_back(column);
    return columns;
}

pipeline::ImputeBy parse_impute(std::string const& text) {
    if (text == "median") return pipeline::ImputeBy::median;
    return text == "mean" ? pipeline::ImputeBy::mean : pipeline::ImputeBy::most_frequent;
}

void add_stage(pipeline::Transformers& stages, frame::Table const& table,
               pipeline::Estimator const& stage) {
    stages.push_back(stage.fit(pipeline::transform(table, stages)));
}

}  // namespace

void add_stage_arguments(Command& command, StageArguments& arguments) {
    add_choice(command.app, "--impute", arguments.impute, {"no", "mean", "median", "most-frequent"},
               "What missing numbers become (most-frequent: missing texts too)")
        .group("Model");
    command.app
        .add_option("--polynomial", arguments.polynomial,
                    "Products of up to so many of the columns of numbers as further features")
        .check(between(1, 10))
        .group("Model");
    command.app
        .add_option("--pca", arguments.pca,
                    "So many principal components in place of the columns of numbers; 0 = none")
        .check(at_least(0))
        .group("Model");
}

pipeline::Transformers fit_stages(frame::Table const& table, StageArguments const& arguments,
                                  pipeline::Formula& formula) {
    pipeline::Transformers stages;
    if (arguments.impute != "no") {
        pipeline::ImputeBy const by = parse_impute(arguments.impute);
        bool const texts = by == pipeline::ImputeBy::most_frequent;
        add_stage(stages, table, pipeline::Imputer(columns_of(table, formula, false, texts), by));
    }
    std::vector<std::string> numbers = columns_of(table, formula, true, false);
    if (arguments.polynomial > 1 && !numbers.empty()) {
        add_stage(stages, table, pipeline::PolynomialExpansion(numbers, arguments.polynomial));
        for (frame::Field const& made : stages.back()->outputs()) {
            formula.terms.push_back({made.name});
            numbers.push_back(made.name);
        }
    }
    if (arguments.pca > 0) {
        add_stage(stages, table, pipeline::Pca(numbers, arguments.pca));
        std::erase_if(formula.terms, [&](std::vector<std::string> const& term) {
            return term.size() == 1 &&
                   std::find(numbers.begin(), numbers.end(), term[0]) != numbers.end();
        });
        for (frame::Field const& made : stages.back()->outputs())
            formula.terms.push_back({made.name});
    }
    return stages;
}

}  // namespace partita::cli
