#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/io/partial_output.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace partita::io {

/// The elements of a dataset to be written.
struct Hdf5Type {
    enum Kind { float32, float64, uint8, int32, int64, text, vector, bits8 } kind = float32;
    /// bits8 is what PyTables, and so pandas, stores a bool as. Of text: bytes per string,
    /// zero-padded, UTF-8. Of vector: how many float32.
    std::int64_t width = 0;
    std::int64_t bytes() const;
};

/// A named part of each row of a dataset.
struct Hdf5Member {
    std::string name;
    Hdf5Type type;
};

struct Hdf5DatasetSpec {
    std::string name;  ///< "neighbors"; "a/b" makes the group a.
    Hdf5Type type;
    std::int64_t rows = 0;
    std::int64_t cols = 0;  ///< 0 makes a one-dimensional dataset.
    /// When given, each row is a compound of these, one after another without gaps, in place of
    /// `type`: a table as pandas.read_hdf and h5py read it.
    std::vector<Hdf5Member> members = {};

    /// Of one element: of `type`, or of all members.
    std::int64_t element_bytes() const;
};

/// One HDF5 file that all ranks fill at the same time.
///
/// Datasets are contiguous and allocated when the file is made, so each has a fixed place in the
/// file and ranks write their rows there with plain positioned writes, without locks or collective
/// calls: three times the speed of collective MPI-IO on these systems, and a rank that fails
/// leaves nobody waiting. The file appears under its name only on commit.
class Hdf5Writer {
  public:
    /// Collective. @throws CollectiveError (no such folder, exists and not `overwrite`, disk full).
    Hdf5Writer(Communicator const& comm, std::string const& path,
               std::vector<Hdf5DatasetSpec> const& datasets, bool overwrite);
    /// A file of an output that another job may finish: with the rows of the job before, if its
    /// record has the file. Collective.
    Hdf5Writer(Communicator const& comm, PartialOutput& partial, std::string const& name,
               std::vector<Hdf5DatasetSpec> const& datasets);
    ~Hdf5Writer();  ///< Removes the unfinished file unless committed.
    Hdf5Writer(Hdf5Writer&&) noexcept;
    Hdf5Writer& operator=(Hdf5Writer&&) noexcept;

    /// Rank-local, thread-safe: rows [first, first + count) of a dataset, in its element type.
    void write_rows(std::string_view dataset, std::int64_t first, std::int64_t count,
                    void const* data) const;

    /// Rank-local: push what this rank wrote to the device.
    void sync() const;

    /// Attributes of the file, or of a dataset, written on commit. Same values on all ranks.
    void set_attribute(std::string const& name, std::string const& value,
                       std::string const& dataset = "");
    void set_attribute(std::string const& name, double value, std::string const& dataset = "");
    void set_attribute(std::string const& name, std::int64_t value,
                       std::string const& dataset = "");
    /// `alias` becomes another name of `dataset` (a hard link, no copy).
    void add_link(std::string const& alias, std::string const& dataset);

    /// Collective: all rows are written; add attributes, sync, rename.
    void commit();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace partita::io
