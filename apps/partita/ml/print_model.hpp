#pragma once

#include "cli/command_line.hpp"

#include "partita/pipeline/saved_model.hpp"

namespace partita::cli {

/// How the fit went, and what the model is: coefficients with their errors, clusters, importances.
void print_model(Session const& session, pipeline::SavedModel const& model);

}  // namespace partita::cli
