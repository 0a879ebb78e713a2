#pragma once

#include "cli/command_line.hpp"

#include "partita/frame/table.hpp"
#include "partita/pipeline/formula.hpp"
#include "partita/pipeline/transformer.hpp"

#include <cstdint>
#include <string>

namespace partita::cli {

/// What is done to the columns of numbers before features are made of them.
struct StageArguments {
    std::string impute = "no";
    int polynomial = 1;
    std::int64_t pca = 0;

    bool any() const { return impute != "no" || polynomial > 1 || pca > 0; }
};

void add_stage_arguments(Command& command, StageArguments& arguments);

/// Fit the stages: missing values first, then products of columns, then principal axes. The
/// formula's plain columns of numbers are replaced by what is made of them. Collective.
pipeline::Transformers fit_stages(frame::Table const& table, StageArguments const& arguments,
                                  pipeline::Formula& formula);

}  // namespace partita::cli
