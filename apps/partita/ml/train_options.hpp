#pragma once

#include "ml/options.hpp"

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

void add_train_arguments(Command& command, TrainArguments& arguments, bool with_label);

}  // namespace partita::cli
