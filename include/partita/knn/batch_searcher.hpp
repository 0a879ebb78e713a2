#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/knn/index.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace partita::knn {

/// An index that all ranks search together, each with queries of its own: one copy per node, or
/// shares on the ranks. What a job is written against, so that it need not know which.
///
/// Results are the same whichever it is, for any number of ranks.
class BatchSearcher {
  public:
    virtual ~BatchSearcher() = default;

    /// Of the whole index.
    virtual IndexInfo const& info() const = 0;
    std::int64_t rows() const { return info().rows; }
    std::int64_t dim() const { return info().dim; }

    /// The k nearest of each of this rank's queries.
    ///
    /// Collective: all ranks give the same k and effort; the number of queries is each rank's own
    /// and may be 0. `options.progress` counts this rank's queries.
    /// @param queries  q x dim; for cosine of length 1 or 0 (see normalise_rows).
    /// @throws CollectiveError "search: ..." when any rank fails.
    virtual Neighbors search(MatrixView queries, std::int64_t k,
                             SearchOptions const& options) const = 0;

    /// The exact k nearest, by looking at everything. Collective, as search.
    virtual Neighbors search_exactly(MatrixView queries, std::int64_t k,
                                     SearchOptions const& options) const = 0;

    /// Can search_within be asked? That is so for flat and ivf.
    virtual bool can_search_within() const { return false; }

    /// As Index::search_within, of each rank's own queries, which each has memory for as a whole.
    /// Collective.
    /// @return Nothing on all ranks when some rank's are too many.
    virtual std::optional<NeighborRows> search_within(MatrixView, double, std::int64_t,
                                                      SearchOptions const&) const {
        return std::nullopt;
    }

    /// The vectors at these positions, each rank's own list, in its order. Collective.
    virtual Matrix vectors_at(std::vector<std::int64_t> const& positions) const = 0;

    /// The whole index, where ranks need not search at the same time: each may then take queries
    /// when it is done with others. Null where they work together, or where there is but one rank.
    virtual Index const* own_copy() const { return nullptr; }

    /// As Index::table, of an index that every rank has a copy of.
    virtual MatrixView table() const { return {}; }

    /// As Index::vector_places, of an index that every rank has a copy of. Rank-local.
    virtual bool has_places() const { return false; }
    virtual VectorPlaces vector_places() const { return {}; }

    /// As Index::efforts.
    virtual std::vector<std::int64_t> efforts(std::int64_t k) const = 0;

    /// Working memory of this rank for each of its own queries in a large call to search, as
    /// Index::workspace_per_query. Rank-local.
    virtual std::int64_t workspace_per_query(std::int64_t k,
                                             SearchOptions const& options) const = 0;

    /// Where it is shared out: does memory hold only part of the shares, which are then read from
    /// disk, once for each block of queries? Collective.
    virtual bool reads_in_order() const { return false; }

    /// Bytes of the index that this rank reads, in pages of a file or in memory of its own.
    virtual std::int64_t share_bytes() const = 0;
    /// Those of its own memory.
    virtual std::int64_t private_bytes() const = 0;
};

/// Each rank searches the whole index by itself, in its node's copy.
///
/// @param index       The same on all ranks; it must outlive the searcher.
/// @param file_bytes  Of the index.
std::unique_ptr<BatchSearcher> replicated_searcher(Communicator const& comm, Index const& index,
                                                   std::int64_t file_bytes = 0);

}  // namespace partita::knn
