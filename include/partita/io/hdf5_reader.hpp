#pragma once

#include "partita/format/element_type.hpp"
#include "partita/io/hdf5_writer.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace partita::io {

/// A member of a dataset of compounds.
struct Hdf5MemberInfo {
    std::string name;
    std::optional<format::ElementType> type;  ///< As Hdf5DatasetInfo's.
    bool is_text = false;
    std::int64_t text_width = 0;    ///< 0 = of variable length.
    std::int64_t vector_width = 0;  ///< Of arrays of numbers in one dimension; else 0.
    std::string type_name;          ///< As Hdf5DatasetInfo's.
};

/// A dataset in an HDF5 file.
struct Hdf5DatasetInfo {
    std::string name;  ///< "/group/name".
    std::vector<std::int64_t> shape;
    std::optional<format::ElementType> type;  ///< Empty for types that are not plain numbers.
    bool is_text = false;                     ///< Fixed- or variable-length strings.
    std::int64_t text_width = 0;              ///< Of fixed-length strings: bytes per string.
    std::string type_name;  ///< For people: "float32", "compound", "string", "bool" (an enum of
                            ///< FALSE and TRUE).
    std::vector<Hdf5MemberInfo> members;  ///< Of compounds.
};

/// Whether the file at `path` begins like an HDF5 file.
/// @throws Error when it cannot be read at all.
bool is_hdf5_file(std::string const& path);

/// An HDF5 file opened for reading by this process alone. Calls are serialised internally.
///
/// Names of datasets may leave out the leading slash.
class Hdf5Reader {
  public:
    /// @throws Error "x.h5: not an HDF5 file" and the like, without HDF5's own error stack.
    explicit Hdf5Reader(std::string const& path);
    ~Hdf5Reader();
    Hdf5Reader(Hdf5Reader&&) noexcept;
    Hdf5Reader& operator=(Hdf5Reader&&) noexcept;

    std::string const& path() const;
    /// All datasets, by name.
    std::vector<Hdf5DatasetInfo> datasets() const;
    /// @throws Error with a suggestion when there is none of that name.
    Hdf5DatasetInfo info(std::string const& dataset) const;
    bool has(std::string const& dataset) const;

    /// Rows [first, last) of a one- or two-dimensional dataset of numbers.
    /// @throws Error when the data are damaged, or a value does not fit an integer type exactly.
    void read_rows(std::string const& dataset, std::int64_t first, std::int64_t last,
                   format::ElementType as, void* out) const;
    /// Elements [first, last) of a one-dimensional dataset of strings.
    std::vector<std::string> read_texts(std::string const& dataset, std::int64_t first,
                                        std::int64_t last) const;

    /// Rows [first, last) of a one-dimensional dataset of compounds: of each row the named members,
    /// as these types (texts zero-padded to their width), one after another without gaps.
    /// @throws Error as read_rows.
    void read_records(std::string const& dataset, std::int64_t first, std::int64_t last,
                      std::span<Hdf5Member const> members, void* out) const;

    /// Of rows [first, last) of a one-dimensional dataset of compounds, a member that is strings of
    /// variable length.
    std::vector<std::string> read_member_texts(std::string const& dataset,
                                               std::string const& member, std::int64_t first,
                                               std::int64_t last) const;

    /// Attributes of the file ("") or of a dataset; empty when absent or of another kind.
    std::optional<std::string> text_attribute(std::string const& object,
                                              std::string const& name) const;
    std::optional<double> number_attribute(std::string const& object,
                                           std::string const& name) const;
    /// All attributes of the file ("") or of a dataset or group, as text for people.
    std::vector<std::pair<std::string, std::string>> attributes(std::string const& object) const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace partita::io
