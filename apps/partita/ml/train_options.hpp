#pragma once

#include "ml/options.hpp"

#include "partita/ml/linear_model.hpp"

#include <cstdint>
#include <string>

namespace partita::cli {

/// What the `train` commands have in common.
struct TrainArguments {
    TableArguments table;
    std::string label, features, formula, out;
    std::int64_t sample = 0;
    bool on_root = false;
    bool scale = false;
};

/// The elastic net of the regressions.
struct PenaltyArguments {
    double strength = 0, l1_share = 0;
    bool raw = false;
    int ddof = 0;

    ml::Penalty penalty() const { return {strength, l1_share, !raw, ddof}; }
};

void add_penalty_arguments(Command& command, PenaltyArguments& arguments);
void add_train_arguments(Command& command, TrainArguments& arguments, bool with_label);

}  // namespace partita::cli
