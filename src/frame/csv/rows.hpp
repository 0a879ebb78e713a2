#pragma once

#include "frame/csv/dialect.hpp"

#include "partita/frame/column_builder.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace partita::frame::csv {

/// Whole rows of text, and where their fields lie.
class Rows {
  public:
    std::int64_t rows() const { return rows_; }
    std::int64_t columns() const { return columns_; }
    char const* text() const { return text_; }

    char const* begin(std::int64_t row, std::int64_t column) const {
        std::int64_t const i = row * columns_ + column;
        return text_ + (i == 0 ? 0 : ends_[i - 1] + 1);
    }
    /// Without the carriage return of a line end.
    char const* end(std::int64_t row, std::int64_t column) const {
        char const* const end = text_ + ends_[row * columns_ + column];
        return column + 1 == columns_ && end > begin(row, column) && end[-1] == '\r' ? end - 1
                                                                                     : end;
    }
    std::string_view field(std::int64_t row, std::int64_t column) const {
        char const* const from = begin(row, column);
        return {from, static_cast<std::size_t>(end(row, column) - from)};
    }
    /// Positions in the text of all fields' ends; row r's c-th is ends()[r * columns() + c].
    std::uint32_t const* ends() const { return ends_; }
    /// Whether there may be line ends within fields.
    bool may_hold_lines() const { return may_hold_lines_; }

  private:
    friend class RowReader;
    char const* text_ = nullptr;
    std::uint32_t const* ends_ = nullptr;
    std::int64_t rows_ = 0, columns_ = 0;
    bool may_hold_lines_ = false;
};

/// Where in a file something stands, for the message of an error.
struct Place {
    std::string path;
    std::int64_t offset = 0;  ///< Where the partition begins.
    std::int64_t lines = 0;   ///< Lines of the partition before the one that is meant.

    std::string text() const;  ///< "x.csv: line 17"
};

/// Reads a run of a file's bytes, block by block, and finds rows and fields in them.
class RowReader {
  public:
    /// @param first, last  The run: whole rows, or of a compressed file all that follows `first`.
    RowReader(std::string path, Dialect const& dialect, bool any_quotes, std::int64_t first,
              std::int64_t last, std::int64_t block_bytes);
    ~RowReader();

    /// The next rows, as many as fit a block; they last until the next call. @returns false at the
    /// end. @throws Error for a row that has more or fewer fields than there are columns.
    bool next(Rows& rows);
    /// The place of a row of the last block.
    Place place_of(std::int64_t row) const;

  private:
    class Bytes;
    void keep_rest();
    void fill();
    bool find_rows(bool at_end, Rows& rows);
    void align(std::int64_t found);
    [[noreturn]] void fail_ragged(std::int64_t first_end, std::int64_t fields) const;

    std::string path_;
    Dialect const& dialect_;
    bool quotes_count_;
    std::int64_t first_;
    std::int64_t block_bytes_;
    std::unique_ptr<Bytes> bytes_;
    GrowingBuffer<char> text_;
    std::int64_t used_ = 0;          ///< Bytes of text_ that the last block took.
    std::int64_t lines_before_ = 0;  ///< In the run before text_.
    GrowingBuffer<std::uint32_t> ends_;
    Rows current_;
    GrowingBuffer<char> aligned_text_;       ///< Without empty lines, where there were any.
    std::vector<std::int64_t> empty_lines_;  ///< Before which of current_'s rows they stood.
};

}  // namespace partita::frame::csv
