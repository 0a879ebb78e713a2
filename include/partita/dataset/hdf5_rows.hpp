#pragma once

#include "partita/core/error.hpp"
#include "partita/dataset/row_fields.hpp"
#include "partita/io/hdf5_writer.hpp"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace partita::dataset {

/// Rows and columns of an HDF5 file in the making: kinds are known, sizes grow.
struct Hdf5ColumnsShape {
    std::vector<std::string> names;
    std::vector<io::Hdf5Type::Kind> kinds;
    std::vector<std::int64_t> widths;  ///< Of texts: bytes of the longest.
    std::int64_t rows = 0;

    Hdf5ColumnsShape() = default;
    Hdf5ColumnsShape(std::vector<std::string> its_names, std::vector<io::Hdf5Type::Kind> its_kinds)
        : names(std::move(its_names)), kinds(std::move(its_kinds)), widths(kinds.size(), 1) {}

    /// Takes the measure of one row's fields.
    class Row {
      public:
        explicit Row(Hdf5ColumnsShape& shape) : shape_(shape) {}
        template <class T>
        void operator()(T const&) {
            ++column_;
        }
        void operator()(std::string_view text) {
            if (column_ < shape_.widths.size())
                shape_.widths[column_] =
                    std::max(shape_.widths[column_], static_cast<std::int64_t>(text.size()));
            ++column_;
        }
        void finish() {
            check(column_ == shape_.kinds.size(), "expected {} fields, as there are names, got {}",
                  shape_.kinds.size(), column_);
            ++shape_.rows;
        }

      private:
        Hdf5ColumnsShape& shape_;
        std::size_t column_ = 0;
    };
    Row row() { return Row(*this); }

    /// The rows of another part of the file.
    void add(Hdf5ColumnsShape const& other);
    std::vector<io::Hdf5DatasetSpec> specs() const;
};

inline auto partita_members(Hdf5ColumnsShape& shape) {
    return std::tie(shape.names, shape.kinds, shape.widths, shape.rows);
}

/// Consecutive rows on their way into the file, column by column.
class Hdf5ColumnsBlock {
  public:
    Hdf5ColumnsBlock(Hdf5ColumnsShape const& shape, io::Hdf5Writer const& writer,
                     std::int64_t first_row);

    void operator()(std::string_view text);
    template <class T>
    requires std::is_arithmetic_v<T>
    void operator()(T number) {
        switch (shape_.kinds[column_]) {
            case io::Hdf5Type::float32:
                return add(static_cast<float>(number));
            case io::Hdf5Type::float64:
                return add(static_cast<double>(number));
            case io::Hdf5Type::uint8:
                return add(static_cast<std::uint8_t>(number));
            case io::Hdf5Type::int32:
                return add(static_cast<std::int32_t>(number));
            default:
                check(std::in_range<std::int64_t>(whole(number)),
                      "column '{}': expected an int64, got {}", shape_.names[column_], number);
                return add(static_cast<std::int64_t>(number));
        }
    }
    template <class T>
    void operator()(NullField<T>) {
        if constexpr (std::is_arithmetic_v<T>)
            (*this)(std::numeric_limits<double>::quiet_NaN());
        else
            (*this)(std::string_view());
    }
    void finish_row();
    void flush();

  private:
    template <class T>
    static auto whole(T number) {
        if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>)
            return number;
        else
            return static_cast<std::int64_t>(number);
    }
    template <class T>
    void add(T value) {
        auto& bytes = bytes_[column_++];
        auto const* const from = reinterpret_cast<char const*>(&value);
        bytes.insert(bytes.end(), from, from + sizeof value);
    }

    Hdf5ColumnsShape const& shape_;
    io::Hdf5Writer const& writer_;
    std::int64_t next_row_;
    std::int64_t rows_ = 0;
    std::size_t column_ = 0;
    std::vector<std::vector<char>> bytes_;  ///< By column.
};

}  // namespace partita::dataset
