#pragma once

#include "partita/core/error.hpp"
#include "partita/core/file.hpp"
#include "partita/format/line_index.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace partita::format {

/// A text file as lines: bytes [begin, end) of it, after a byte order mark and without the blank
/// lines and blanks at its end, so that every line end lies between two lines.
class TextFile {
  public:
    /// @throws Error when the file is empty, blank, UTF-16 or gzipped.
    explicit TextFile(std::string const& path);

    std::string const& path() const { return file_.path(); }
    File const& file() const { return file_; }
    std::int64_t begin() const { return begin_; }
    std::int64_t end() const { return end_; }

  private:
    File file_;
    std::int64_t begin_ = 0, end_ = 0;
};

/// The lines of a text file from some line's start on, in turn.
class LineCursor {
  public:
    LineCursor(TextFile const& text, std::int64_t offset);

    /// Where the next line starts; the text's end after the last one.
    std::int64_t offset() const { return buffer_offset_ + next_; }

    /// The next line, without its line end (\n or \r\n). The view lasts until the next call.
    /// @returns false after the last line.
    bool next(std::string_view& line);

  private:
    /// Move what is not yet used to the buffer's front, and read more behind it.
    void refill();

    TextFile const& text_;
    std::vector<char> buffer_;
    std::int64_t buffer_offset_;  ///< Where in the file the buffer starts.
    std::int64_t next_ = 0;       ///< Start of the next line in the buffer.
    std::int64_t filled_ = 0;
    bool at_end_ = false;  ///< No line starts at offset().
};

/// Scan the lines that start in bytes [first, last), calling visit(line, scan) for each.
template <class Visit>
LineScan scan_lines(TextFile const& text, std::int64_t begin, std::int64_t first, std::int64_t last,
                    Visit&& visit) {
    check(first <= last, "{}: expected a range of bytes, got [{}, {})", text.path(), first, last);
    first = std::clamp(first, begin, text.end());
    last = std::clamp(last, begin, text.end());
    LineScan scan;
    // The byte before `first` tells whether a line starts there: it is the end of the line that
    // the range before owns, and what follows it up to the next line end is skipped.
    LineCursor lines(text, std::max(begin, first - 1));
    std::string_view line;
    if (first > begin) lines.next(line);
    for (std::int64_t offset = lines.offset(); offset < last; offset = lines.offset()) {
        if (!lines.next(line)) break;
        if (scan.lines % indexed_lines == 0) scan.offsets.push_back(offset);
        ++scan.lines;
        visit(line, scan);
    }
    return scan;
}

/// Call visit(line number, line) for lines [first, last), where the index says they are.
template <class Visit>
void for_each_line(TextFile const& text, LineIndex const& index, std::int64_t first,
                   std::int64_t last, Visit&& visit) {
    if (first == last) return;
    LineIndex::Anchor const anchor = index.anchor_before(first);
    LineCursor lines(text, anchor.offset);
    std::string_view line;
    for (std::int64_t i = anchor.line; i < last; ++i) {
        check(lines.next(line), "{}: expected {} lines, got {}: the file has changed", text.path(),
              index.lines(), i);
        if (i >= first) visit(i, line);
    }
}

}  // namespace partita::format
