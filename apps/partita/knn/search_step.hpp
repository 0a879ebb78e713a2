#pragma once

#include "cli/session.hpp"
#include "knn/options.hpp"

#include "partita/knn/node_index.hpp"
#include "partita/knn/query_set.hpp"

#include <string>

namespace partita::cli {

/// Tune, search, write and report: what `knn search` and `knn graph` share.
///
/// Collective.
/// @param index_path  Whose sidecar takes the operating curve; "" = none.
void search_and_report(Session const& session, knn::NodeIndex const& node,
                       knn::QuerySet const& queries, SearchArguments const& arguments,
                       std::string const& index_path);

/// What can be known to be wrong before any work. Collective.
void check_search(Session const& session, SearchArguments const& arguments);

}  // namespace partita::cli
