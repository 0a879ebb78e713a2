#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/format/vector_reader.hpp"
#include "partita/io/id_column.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace partita::io {

/// What ids the rows of an output have.
struct IdShape {
    IdKind kind = IdKind::row_numbers;
    std::int64_t width = 8;  ///< Of text ids: bytes of the longest.
};

/// A vector file that all ranks fill, and that gets its name when it is whole.
///
/// Known formats: HDF5 ("x.h5" means the dataset "x.h5:/vectors", "x.h5:/name" another), .npy,
/// .fvecs/.bvecs/.ivecs, .fbin/.u8bin/.ibin, idx, .csv/.tsv/.txt. Rows are given in the shape's
/// element type; formats of another type convert them, and refuse values that do not fit.
///
/// Ids that are not row numbers go to the dataset `/ids` beside the vectors (HDF5), to the first
/// column (CSV), or to a file of their own, "x.fvecs.ids.npy": int64 or byte strings.
class VectorSink {
  public:
    /// Collective. @throws CollectiveError: unknown format, a shape that the format cannot hold, no
    /// such folder, exists and not `overwrite`, disk full.
    static std::unique_ptr<VectorSink> create(Communicator const& comm, std::string const& spec,
                                              format::VectorShape const& shape,
                                              IdShape const& ids = {}, bool overwrite = false);
    virtual ~VectorSink() = default;

    /// The element type that the file holds.
    virtual format::ElementType stored_type() const = 0;
    /// Where ids go when they have a file of their own, else "".
    virtual std::string ids_path() const { return {}; }
    /// Text has no fixed places for rows: it takes them by write() only.
    virtual bool has_fixed_rows() const { return true; }

    /// Rank-local, thread-safe: rows [first, first + count), with their ids unless these are row
    /// numbers.
    virtual void write_rows(std::int64_t first, std::int64_t count, void const* rows,
                            IdBlock const& ids = {}) const = 0;

    /// Collective: each rank hands consecutive rows, the ranks hand them in ascending order, and so
    /// do the calls. A rank may hand none.
    /// @throws CollectiveError when a value does not fit the format or the disk is full.
    virtual void write(std::int64_t first, std::int64_t count, void const* rows,
                       IdBlock const& ids = {}) = 0;

    /// Collective: all rows are written; the file gets its name.
    virtual void commit() = 0;
};

}  // namespace partita::io
