#pragma once

#include "cli/session.hpp"
#include "knn/options.hpp"

#include <string>

namespace partita::cli {

struct GraphArguments {
    std::string vectors, index_path;
    ReadArguments read;
    IndexArguments index;
    SearchArguments search;
};

/// `knn graph`: build an index of the vectors, or take that of a killed job, and search them in it.
///
/// Collective.
void make_graph(Session& session, GraphArguments const& arguments);

}  // namespace partita::cli
