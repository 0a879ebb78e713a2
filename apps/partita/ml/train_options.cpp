#include "ml/train_options.hpp"

#include "cli/option_kinds.hpp"

#include "partita/core/error.hpp"

namespace partita::cli {

void add_penalty_arguments(Command& command, PenaltyArguments& arguments) {
    CLI::App& app = command.app;
    app.add_option("--penalty", arguments.strength, "Strength of the elastic net (lambda)")
        ->check(at_least(0))
        ->group("Model");
    app.add_option("--l1-share", arguments.l1_share, "0 = ridge, 1 = lasso")
        ->check(between(0, 1))
        ->group("Model");
    app.add_flag("--raw-penalty", arguments.raw,
                 "Penalise coefficients as they are, not per standard deviation")
        ->group("Model");
    app.add_option("--ddof", arguments.ddof, "Of the deviations: 0 as glmnet, 1 as MLlib")
        ->check(between(0, 1))
        ->group("Model");
}

void add_train_arguments(Command& command, TrainArguments& arguments, bool with_label) {
    add_table_arguments(command, arguments.table);
    CLI::App& app = command.app;
    if (with_label) app.add_option("--label", arguments.label, "Column to predict")->group("Model");
    app.add_option("--features", arguments.features,
                   "Columns to learn from, a,b,c (default: all others); texts become indicators")
        ->group("Model");
    app.add_option("--formula", arguments.formula, "In place of both: \"y ~ a + b:c + .\" as in R")
        ->group("Model");
    app.add_flag("--scale", arguments.scale, "Scale features to mean 0 and deviation 1 first")
        ->group("Model");
    app.add_option("--sample", arguments.sample, "Train on about so many rows; 0 = all")
        ->check(at_least(0))
        ->group("Training");
    app.add_flag("--on-root", arguments.on_root,
                 "Train on rank 0 alone instead of all ranks together")
        ->group("Training");
    app.add_option("--out", arguments.out, "Model file")
        ->required()
        ->type_name("FILE")
        ->group("Output");
    bool const needs_label = with_label;
    command.check = [&arguments, needs_label] {
        check(arguments.formula.empty() || (arguments.label.empty() && arguments.features.empty()),
              "--formula excludes --label and --features: expected one way");
        check(!needs_label || arguments.table.is_libsvm() || !arguments.formula.empty() ||
                  !arguments.label.empty(),
              "expected --label COLUMN or --formula \"COLUMN ~ ...\", got neither");
    };
}

}  // namespace partita::cli
