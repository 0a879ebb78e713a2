#pragma once

#include "partita/core/buffer.hpp"
#include "partita/core/matrix_view.hpp"
#include "partita/knn/index_info.hpp"
#include "partita/knn/neighbors.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace partita::knn {

struct SearchOptions {
    std::int64_t effort = 0;  ///< nprobe or efSearch; 0 = the index's default. Flat ignores it.
    int threads = 0;          ///< 0 = OpenMP's default.
    std::int64_t workspace_bytes = 0;  ///< Beyond index, queries and result; 0 = about 64 MiB.
    std::function<void(std::int64_t)> progress;  ///< Queries done since the last call.
};

/// Where each vector of an index lies in memory.
struct VectorPlaces {
    Buffer<float const*> of;      ///< By position; possibly unaligned.
    Buffer<std::uint32_t> order;  ///< All positions; those of near vectors mostly near each other.
    Buffer<std::int32_t> list;    ///< By position: the list of an ivf index that it is in.

    /// Memory that they take.
    static std::int64_t bytes(std::int64_t rows) {
        return rows * static_cast<std::int64_t>(sizeof(float const*) + sizeof(std::uint32_t) +
                                                sizeof(std::int32_t));
    }
};

/// An index file, opened for searching by this process.
///
/// flat, ivf and hnsw files are mapped: opening takes no time and all processes of a node share
/// one copy. Other FAISS indexes are loaded by FAISS into this process. The rest is rank-local and
/// does not communicate; results do not depend on threads, nor on how queries are cut into calls.
class Index {
  public:
    virtual ~Index() = default;

    IndexInfo const& info() const { return info_; }
    std::int64_t rows() const { return info_.rows; }
    std::int64_t dim() const { return info_.dim; }

    /// The k nearest of each query.
    /// @param queries  q x dim; for cosine of length 1 or 0 (see normalise_rows).
    virtual Neighbors search(MatrixView queries, std::int64_t k,
                             SearchOptions const& options) const = 0;

    /// The exact k nearest, by looking at everything: what recall is measured against.
    virtual Neighbors search_exactly(MatrixView queries, std::int64_t k,
                                     SearchOptions const& options) const = 0;

    /// Can search_within be asked? That is so for flat and ivf.
    virtual bool can_search_within() const { return false; }

    /// All neighbours of each query within a radius, in one pass over what is looked at: nearest
    /// first, equal distances by position; with ivf, in the lists that are looked into.
    /// @param radius  As distances are reported; decided in double precision, and what lies at it
    ///                is in.
    /// @return        Nothing when there are more than `most_entries` of all queries together.
    virtual std::optional<NeighborRows> search_within(MatrixView queries, double radius,
                                                      std::int64_t most_entries,
                                                      SearchOptions const& options) const;

    /// The vectors at these positions, in their order, as the index holds them.
    virtual Matrix vectors_at(std::vector<std::int64_t> const& positions) const = 0;

    /// All vectors by position, where they lie in memory as one table; else empty.
    virtual MatrixView table() const { return {}; }

    /// Can vector_places be asked? So it is for ivf whose vectors lie in memory as floats.
    virtual bool has_places() const { return false; }
    /// @throws Error when the index does not hold each position once.
    virtual VectorPlaces vector_places() const { return {}; }

    /// Efforts worth measuring, ascending, the last one giving (nearly) exact results; empty when
    /// the index has no such setting.
    virtual std::vector<std::int64_t> efforts(std::int64_t k) const = 0;

    /// Working memory per query of a large call to search, beyond query and result: what
    /// workspace_bytes is divided by. 0 = it does not grow with the queries.
    virtual std::int64_t workspace_per_query(std::int64_t, SearchOptions const&) const { return 0; }

    /// Queries that one call to search had better have, since it looks at the vectors anew for each
    /// so many.
    virtual std::int64_t queries_together(SearchOptions const&) const { return 1; }

    /// From now on, memory holds only part of the index: read it from the file in order, once for
    /// each block of queries, into buffers. Results stay the same.
    virtual void keep_little_in_memory() {}
    /// The same for the vectors beside an index that holds codes, of which few are looked at.
    virtual void keep_originals_on_disk() {}

    /// Bytes of this process's own memory that the open index takes.
    virtual std::int64_t private_bytes() const { return 0; }

  protected:
    explicit Index(IndexInfo info) : info_(std::move(info)) {}

    IndexInfo info_;
};

/// Open a file written by build_index or by FAISS.
///
/// Rank-local.
/// @param path  The local copy.  @param info  From the sidecar, or from inspect_index.
/// @param originals  The local copy of info.originals_file; "" = it lies beside the index.
/// @throws Error when the file is damaged, or does not match `info`.
std::unique_ptr<Index> open_index(std::string const& path, IndexInfo const& info,
                                  std::string const& originals = "");

/// What a bare FAISS file (without a sidecar) says about itself.
/// An inner-product index may hold normalised vectors; it cannot say so, and is taken as
/// Metric::inner_product unless `cosine`.
IndexInfo inspect_index(std::string const& path, bool cosine);

}  // namespace partita::knn
