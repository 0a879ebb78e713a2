#pragma once

#include "partita/dataset/text_stream.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace partita::dataset {

/// Lines of a stream, each with the offset at which it starts.
class LineReader {
  public:
    LineReader(TextStream& stream, std::int64_t offset);

    /// Where the next line starts.
    std::int64_t offset() const { return offset_ + next_; }

    /// The next line without its end; the view lasts until the next call. @returns false at the
    /// end.
    bool next(std::string_view& line);
    /// As many whole lines as are at hand, one at least, of those that start before `limit`, with
    /// their ends. The view lasts until the next call. @returns false when there is none.
    bool next_block(std::int64_t limit, std::string_view& block);
    /// Skip a byte order mark at the very start.
    void skip_mark();

  private:
    void take(std::string_view& line, std::int64_t size, std::int64_t end_bytes);
    /// Move what is left to the front and read behind it. @returns false when nothing came.
    bool refill();

    TextStream& stream_;
    std::int64_t offset_;  ///< Of the buffer in the file.
    std::vector<char> buffer_;
    std::int64_t next_ = 0, filled_ = 0;
};

}  // namespace partita::dataset
