#include "dataset/line_reader.hpp"

#include <algorithm>
#include <cstring>

namespace partita::dataset {
namespace {

constexpr std::int64_t buffer_bytes = 256 << 10;

}  // namespace

LineReader::LineReader(TextStream& stream, std::int64_t offset)
    : stream_(stream), offset_(offset), buffer_(buffer_bytes) {}

bool LineReader::next(std::string_view& line) {
    std::int64_t searched = next_;
    for (;;) {
        auto const* newline = static_cast<char const*>(std::memchr(
            buffer_.data() + searched, '\n', static_cast<std::size_t>(filled_ - searched)));
        if (newline) {
            take(line, newline - (buffer_.data() + next_), 1);
            return true;
        }
        std::int64_t const unfinished = filled_ - next_;
        if (!refill()) {
            if (unfinished == 0) return false;
            take(line, unfinished, 0);
            return true;
        }
        searched = unfinished;
    }
}

bool LineReader::next_block(std::int64_t limit, std::string_view& block) {
    if (offset() >= limit) return false;
    bool at_end = false;
    for (;;) {
        block = {buffer_.data() + next_, static_cast<std::size_t>(filled_ - next_)};
        // The last line wanted is the one that holds the byte before the limit.
        auto const last_byte = static_cast<std::size_t>(limit - 1 - offset());
        std::size_t const end =
            last_byte < block.size() ? block.find('\n', last_byte) : block.rfind('\n');
        if (end != block.npos) block = block.substr(0, end + 1);
        if (end != block.npos || at_end) break;  // a file's last line may lack its end
        at_end = !refill();                      // which moves what is at hand
    }
    next_ += static_cast<std::int64_t>(block.size());
    return !block.empty();
}

void LineReader::skip_mark() {
    if (filled_ == 0) refill();
    if (filled_ >= 3 && std::memcmp(buffer_.data(), "\xef\xbb\xbf", 3) == 0) next_ = 3;
}

void LineReader::take(std::string_view& line, std::int64_t size, std::int64_t end_bytes) {
    line = {buffer_.data() + next_, static_cast<std::size_t>(size)};
    if (line.ends_with('\r')) line.remove_suffix(1);
    next_ += size + end_bytes;
}

bool LineReader::refill() {
    std::int64_t const unfinished = filled_ - next_;
    std::memmove(buffer_.data(), buffer_.data() + next_, static_cast<std::size_t>(unfinished));
    offset_ += next_;
    next_ = 0;
    if (2 * unfinished > static_cast<std::int64_t>(buffer_.size()))
        buffer_.resize(2 * buffer_.size());  // a long line
    std::int64_t const got = stream_.read(buffer_.data() + unfinished,
                                          static_cast<std::int64_t>(buffer_.size()) - unfinished);
    filled_ = unfinished + got;
    return got > 0;
}

}  // namespace partita::dataset
