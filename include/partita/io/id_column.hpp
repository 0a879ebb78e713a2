#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace partita::io {

/// What kind of external ids rows have.
enum class IdKind { row_numbers, int64, text };

/// Ids of consecutive rows: int64 values, or texts of one fixed width padded with zero bytes (the
/// way that NumPy's "S" type and HDF5's fixed-length strings store them).
struct IdBlock {
    IdKind kind = IdKind::row_numbers;
    std::int64_t first_row = 0;
    std::int64_t rows = 0;
    std::vector<std::int64_t> numbers;  ///< kind int64.
    std::vector<char> texts;            ///< kind text: rows * width bytes.
    std::int64_t width = 0;             ///< kind text: bytes per id.

    std::int64_t number(std::int64_t i) const;    ///< kind row_numbers or int64.
    std::string_view text(std::int64_t i) const;  ///< kind text, without padding.
    std::string to_string(std::int64_t i) const;  ///< Any kind.
};

/// External ids of all rows of a source, read by position, rank-locally.
class IdColumn {
  public:
    virtual ~IdColumn() = default;
    virtual IdKind kind() const = 0;
    virtual std::int64_t rows() const = 0;
    virtual std::int64_t width() const = 0;  ///< Bytes of the longest text id; 8 for numbers.
    virtual IdBlock read(std::int64_t first, std::int64_t last) const = 0;
};

}  // namespace partita::io
