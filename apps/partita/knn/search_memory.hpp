#pragma once

#include "cli/session.hpp"
#include "knn/options.hpp"

#include "partita/knn/node_index.hpp"

#include <cstdint>

namespace partita::cli {

/// How a search shares out this rank's memory. Rank-local.
class SearchMemory {
  public:
    SearchMemory(Session const& session, knn::NodeIndex const& node,
                 SearchArguments const& arguments)
        : session_(session), node_(node), arguments_(arguments) {}

    bool is_given() const { return session_.memory().origin == "given"; }

    /// Beyond the index: what --memory gives, or else so little that the ranks of a node together
    /// add a twentieth to a large index. A third of it is for pages that wait to be used again.
    std::int64_t working() const;

    /// What may be kept of neighbours of all vectors.
    std::int64_t for_lists() const;
    /// What scoring each pair once takes, and what refining does.
    std::int64_t pairs_bytes() const;
    std::int64_t refine_bytes() const;

  private:
    /// This rank's part of what the node's memory holds of the index.
    std::int64_t index_bytes_in_memory() const;

    Session const& session_;
    knn::NodeIndex const& node_;
    SearchArguments const& arguments_;
};

/// Are `most` bytes of a rank enough for the lists of a graph of so many vectors that is to be
/// refined? Collective.
/// @throws CollectiveError where they are not.
void check_lists(Session const& session, SearchArguments const& arguments, std::int64_t rows,
                 std::int64_t most);

}  // namespace partita::cli
