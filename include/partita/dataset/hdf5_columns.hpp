#pragma once

#include "partita/dataset/context.hpp"
#include "partita/dataset/table_row.hpp"
#include "partita/io/hdf5_reader.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace partita::dataset {

/// Columns of one HDF5 file, one-dimensional datasets of one length, open on all ranks.
class Hdf5Columns {
  public:
    /// Collective. `names` empty: all one-dimensional datasets, by name.
    Hdf5Columns(Context const& context, std::string const& path, std::vector<std::string> names);

    std::string const& path() const { return reader_->path(); }
    std::vector<std::string> const& names() const { return names_; }
    std::int64_t rows() const { return rows_; }
    bool is_text(std::int64_t column) const { return info(column).is_text; }

    /// Rank-local, thread-safe: rows [first, last) of a column.
    template <class T>
    void read(std::int64_t column, std::int64_t first, std::int64_t last,
              std::vector<T>& out) const {
        if constexpr (std::is_same_v<T, std::string>) {
            read_texts(column, first, last, out);
        } else {
            out.resize(static_cast<std::size_t>(last - first));
            read_numbers(column, first, last, element_type<T>(), out.data());
        }
    }

    /// Call visit(row) for rows [first, last) as texts; numbers are written as short as they can be
    /// without loss, NaN as an empty text.
    void for_each_row(std::int64_t first, std::int64_t last,
                      FunctionRef<void(TableRow const&)> visit) const;

  private:
    template <class T>
    static format::ElementType element_type() {
        if constexpr (std::is_same_v<T, float>)
            return format::ElementType::float32;
        else if constexpr (std::is_same_v<T, double>)
            return format::ElementType::float64;
        else if constexpr (std::is_same_v<T, std::uint8_t>)
            return format::ElementType::uint8;
        else if constexpr (std::is_same_v<T, std::int32_t>)
            return format::ElementType::int32;
        else {
            static_assert(std::is_same_v<T, std::int64_t>,
                          "expected float, double, std::uint8_t, std::int32_t or std::int64_t");
            return format::ElementType::int64;
        }
    }
    io::Hdf5DatasetInfo const& info(std::int64_t column) const {
        return infos_[static_cast<std::size_t>(column)];
    }
    void choose(std::string const& path);
    void read_texts(std::int64_t column, std::int64_t first, std::int64_t last,
                    std::vector<std::string>& out) const;
    void read_numbers(std::int64_t column, std::int64_t first, std::int64_t last,
                      format::ElementType type, void* out) const;
    /// Any column as texts.
    void read_as_texts(std::int64_t column, std::int64_t first, std::int64_t last,
                       std::vector<std::string>& out) const;

    std::shared_ptr<io::Hdf5Reader const> reader_;
    std::vector<std::string> names_;
    std::vector<io::Hdf5DatasetInfo> infos_;
    std::int64_t rows_ = 0;
};

}  // namespace partita::dataset
