#pragma once

#include "cli/session.hpp"

#include "partita/dataset/context.hpp"

namespace partita::cli {

/// Where datasets and tables live, within the session's limits. Collective.
dataset::Context make_context(Session const& session);

}  // namespace partita::cli
