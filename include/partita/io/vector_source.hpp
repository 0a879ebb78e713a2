#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/core/buffer.hpp"
#include "partita/format/vector_reader.hpp"
#include "partita/io/id_column.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace partita::io {

/// How a text or HDF5 file is to be read; the defaults find out by themselves.
struct VectorOptions {
    bool allow_nan = false;
    /// Where ids come from: "" = the file's own (an `/ids` dataset beside the HDF5 vectors, a CSV
    /// column named "id") or else row numbers; "rows" = row numbers in any case; a path = an HDF5
    /// dataset, a one-dimensional .npy, or a text file with one label a line; "column:NAME" = a
    /// column of the CSV file itself.
    std::string ids;
    /// Of a CSV/TSV file: true/false = has (no) header; not set = decide by its first line.
    std::optional<bool> header;
};

/// A vector file that all ranks have open.
///
/// Opening is collective and agreed: either all ranks have it or all throw the same
/// CollectiveError. Reading is rank-local, and each rank reads only the rows it asks for.
class VectorSource {
  public:
    /// @param spec  A path; for HDF5 "file.h5" (the dataset is found: the only two-dimensional
    ///              one, or `train` in the ann-benchmarks layout) or "file.h5:/dataset".
    /// @param preferred_dataset  Which dataset "file.h5" means when it has several: "train",
    ///              "test" ...
    static VectorSource open(Communicator const& comm, std::string const& spec,
                             VectorOptions const& options = {},
                             std::string const& preferred_dataset = "train");
    ~VectorSource();
    VectorSource(VectorSource&&) noexcept;
    VectorSource& operator=(VectorSource&&) noexcept;

    std::string const& spec() const;  ///< As given, with the dataset that was chosen.
    std::int64_t rows() const;
    std::int64_t dim() const;
    format::ElementType type() const;
    /// "l2", "cosine" or "ip" when the file says so (ann-benchmarks' `distance` attribute).
    std::optional<std::string> metric_hint() const;

    /// Rank-local: rows [first, last) as float32. Thread-safe.
    void read(std::int64_t first, std::int64_t last, float* out) const;
    /// Rank-local: rows [first, last) in the stored type (see type()).
    void read_native(std::int64_t first, std::int64_t last, void* out) const;
    /// Rank-local: rows [first, last) as a matrix.
    Matrix read(std::int64_t first, std::int64_t last) const;

    /// Ids of all rows; see IdColumn.
    IdColumn const& ids() const;

  private:
    struct State;
    explicit VectorSource(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace partita::io
