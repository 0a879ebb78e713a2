#include "ml/train_options.hpp"

#include "cli/option_kinds.hpp"

#include "partita/core/error.hpp"

namespace partita::cli {

void add_penalty_arguments(Command& command, PenaltyArguments& arguments) {
    OptionSet& app = command.app;
    app.add_option("--penalty", arguments.strength, "Strength of the elastic net (lambda)")
        .check(at_least(0))
        .group("Model");
    app.add_option("--l1-share", arguments.l1_share, "0 = ridge, 1 = lasso")
        .check(between(0, 1))
        .group("Model");
    app.add_flag("--raw-penalty", arguments.raw,
                 "Penalise coefficients as they are, not per standard deviation")
        .group("Model");
    app.add_option("--ddof", arguments.ddof, "Of the deviations: 0 as glmnet, 1 as MLlib")
        .check(between(0, 1))
        .group("Model");
}

void PenaltyArguments::add_to(pipeline::Params& params) const {
    params.set("penalty", strength).set("l1-share", l1_share).set("ddof", ddof);
    params.set("raw-penalty", raw ? "true" : "false");
}

void add_feature_arguments(Command& command, FeatureArguments& arguments, bool with_label) {
    OptionSet& app = command.app;
    if (with_label) app.add_option("--label", arguments.label, "Column to predict").group("Model");
    app.add_option("--features", arguments.features,
                   "Columns to learn from, a,b,c (default: all others); texts become indicators")
        .group("Model");
    app.add_option("--formula", arguments.formula, "In place of both: \"y ~ a + b:c + .\" as in R")
        .group("Model");
    command.check = [&arguments, with_label] {
        check(arguments.formula.empty() || (arguments.label.empty() && arguments.features.empty()),
              "--formula excludes --label and --features: expected one way");
        check(!with_label || !arguments.formula.empty() || !arguments.label.empty(),
              "expected --label COLUMN or --formula \"COLUMN ~ ...\", got neither");
    };
}

pipeline::Formula formula_for(frame::Table const& table, FeatureArguments const& arguments) {
    if (!arguments.formula.empty())
        return pipeline::parse_formula(arguments.formula, table.schema().names());
    pipeline::Formula formula =
        pipeline::formula_of(table, arguments.label, split_words(arguments.features));
    // Weights are no features unless somebody asks for them.
    if (arguments.features.empty() && !arguments.weights.empty())
        std::erase(formula.terms, std::vector<std::string>{arguments.weights});
    return formula;
}

void add_weight_arguments(Command& command, FeatureArguments& arguments, bool classes) {
    command.app
        .add_option("--weights", arguments.weights,
                    "Column that says how much each row counts (at least 0)")
        .group("Model");
    if (!classes) return;
    command.app
        .add_option("--class-weights", arguments.class_weights,
                    "How much the rows of each class count: balanced, or CLASS=WEIGHT,...")
        .group("Model");
}

void check_libsvm(FeatureArguments const& features, StageArguments const& stages) {
    check(!stages.any(), "--impute, --polynomial and --pca want columns: a LIBSVM file has none");
    check(features.weights.empty(), "--weights: a LIBSVM file has no column of weights");
    check(features.features.empty() && features.formula.empty() &&
              (features.label.empty() || features.label == "label"),
          "--features, --formula and --label: a LIBSVM file has no named columns but 'label'");
}

void add_param_argument(Command& command, TrainArguments& arguments) {
    command.app
        .add_option("--param", arguments.params,
                    "Another way to set an option of the model: NAME=VALUE, repeatable")
        .group("Model");
}

void add_train_arguments(Command& command, TrainArguments& arguments, bool with_label) {
    add_table_arguments(command, arguments.table);
    add_feature_arguments(command, arguments, with_label);
    add_stage_arguments(command, arguments.stages);
    add_param_argument(command, arguments);
    OptionSet& app = command.app;
    app.add_flag("--scale", arguments.scale, "Scale features to mean 0 and deviation 1 first")
        .group("Model");
    app.add_option("--sample", arguments.sample, "Train on about so many rows; 0 = all")
        .check(at_least(0))
        .group("Training");
    app.add_flag("--on-root", arguments.on_root,
                 "Train on rank 0 alone instead of all ranks together")
        .group("Training");
    app.add_option("--out", arguments.out, "Model file")
        .required()
        .type_name("FILE")
        .group("Output");
    command.check = [&arguments, columns = command.check] {
        if (!arguments.table.is_libsvm()) return columns();
        check_libsvm(arguments, arguments.stages);
        check(arguments.sample == 0 && !arguments.on_root && !arguments.scale,
              "--scale, --sample and --on-root: not for a LIBSVM file");
    };
}

}  // namespace partita::cli
