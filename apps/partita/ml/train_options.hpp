#pragma once

#include "ml/options.hpp"
#include "ml/stage_options.hpp"

#include "partita/frame/table.hpp"
#include "partita/pipeline/formula.hpp"
#include "partita/pipeline/params.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace partita::cli {

/// Which features a learner learns from, and which label.
struct FeatureArguments {
    std::string label, features, formula;
    std::string weights;        ///< Column of the rows' weights.
    std::string class_weights;  ///< "balanced" or "no=1,yes=5".
};

/// What the `train` commands have in common.
struct TrainArguments : FeatureArguments {
    TableArguments table;
    StageArguments stages;
    std::string out;
    std::vector<std::string> params;  ///< "penalty=0.1"
    std::int64_t sample = 0;
    bool on_root = false;
    bool scale = false;
};

/// The elastic net of the regressions.
struct PenaltyArguments {
    double strength = 0, l1_share = 0;
    bool raw = false;
    int ddof = 0;

    void add_to(pipeline::Params& params) const;
};

void add_penalty_arguments(Command& command, PenaltyArguments& arguments);
/// @param with_label  Whether there must be one; the command's check sees to it.
void add_feature_arguments(Command& command, FeatureArguments& arguments, bool with_label);
/// --weights and, for classifiers, --class-weights.
void add_weight_arguments(Command& command, FeatureArguments& arguments, bool classes);
/// What --label, --features and --formula say about a table. Rank-local. @throws Error.
pipeline::Formula formula_for(frame::Table const& table, FeatureArguments const& arguments);
/// Refuse what wants named columns. @throws Error.
void check_libsvm(FeatureArguments const& features, StageArguments const& stages);
/// --param NAME=VALUE.
void add_param_argument(Command& command, TrainArguments& arguments);
void add_train_arguments(Command& command, TrainArguments& arguments, bool with_label);

}  // namespace partita::cli
