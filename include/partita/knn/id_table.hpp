#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/core/file.hpp"
#include "partita/io/id_column.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace partita::knn {

/// External ids of an index's vectors, looked up by position in a mapped file: one copy per node.
class IdTable {
  public:
    /// Ids are row numbers.
    IdTable() = default;
    /// A one-dimensional .npy of int64 or of fixed-width byte strings ("S"), of `rows` elements.
    /// @throws Error when the file is something else.
    IdTable(std::string const& path, std::int64_t rows);

    io::IdKind kind() const { return kind_; }
    std::int64_t width() const { return width_; }  ///< Bytes per id.
    /// kind int64 or row_numbers.
    std::int64_t number(std::int64_t position) const;
    /// kind text: the padded bytes, width() of them.
    char const* padded_text(std::int64_t position) const;
    /// Any kind, for people.
    std::string to_string(std::int64_t position) const;

  private:
    io::IdKind kind_ = io::IdKind::row_numbers;
    std::int64_t width_ = 8;
    MappedFile file_;
    std::byte const* values_ = nullptr;
};

/// Collective: write all ids as such a file. numpy.load opens it.
void write_id_table(Communicator const& comm, io::IdColumn const& ids, std::string const& path,
                    bool overwrite);

}  // namespace partita::knn
