#pragma once

#include "cli/session.hpp"
#include "knn/options.hpp"

#include "partita/io/partial_output.hpp"
#include "partita/knn/node_index.hpp"
#include "partita/knn/query_set.hpp"

#include <string>

namespace partita::cli {

/// Tune, search, write and report: what `knn search` and `knn graph` share.
///
/// Collective.
/// @param partial     Becomes the result.
/// @param index_path  Whose sidecar takes the operating curve; "" = none.
void search_and_report(Session const& session, knn::NodeIndex const& node,
                       knn::QuerySet const& queries, SearchArguments const& arguments,
                       io::PartialOutput& partial, std::string const& index_path);

/// What can be known to be wrong before any work. Collective.
void check_search(Session const& session, SearchArguments const& arguments);

}  // namespace partita::cli
