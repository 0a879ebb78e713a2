#include "format/text_file.hpp"

#include <cstring>

namespace partita::format {
namespace {

constexpr std::int64_t text_block_bytes = 256 << 10;

bool is_line_end_or_space(char c) { return c == '\n' || c == '\r' || c == ' '; }

/// The end of the last byte in [begin, end) that is no blank.
std::int64_t end_without_blanks(File const& file, std::int64_t begin, std::int64_t end) {
    std::vector<char> block(static_cast<std::size_t>(std::min(text_block_bytes, end - begin)));
    while (begin < end) {
        std::int64_t const size = std::min<std::int64_t>(text_block_bytes, end - begin);
        file.read_at(end - size, block.data(), size);
        std::int64_t kept = size;
        while (kept > 0 && is_line_end_or_space(block[static_cast<std::size_t>(kept - 1)])) --kept;
        if (kept > 0) return end - size + kept;
        end -= size;
    }
    return begin;
}

}  // namespace

TextFile::TextFile(std::string const& path) : file_(File::open_read(path)) {
    char start[3] = {};
    file_.read_some_at(0, start, sizeof start);
    std::string_view const bytes(start, sizeof start);
    check(!bytes.starts_with("\xff\xfe") && !bytes.starts_with("\xfe\xff"),
          "{}: expected UTF-8 text, got UTF-16", path);
    check(!bytes.starts_with("\x1f\x8b"), "{}: expected text, got gzip data", path);
    begin_ = bytes == "\xef\xbb\xbf" ? 3 : 0;
    end_ = end_without_blanks(file_, begin_, file_.size());
    check(begin_ < end_, "{}: expected at least one line, got an empty file", path);
}

LineCursor::LineCursor(TextFile const& text, std::int64_t offset)
    : text_(text),
      buffer_(static_cast<std::size_t>(
          std::clamp<std::int64_t>(text.end() - offset, 1, text_block_bytes))),
      buffer_offset_(offset),
      at_end_(offset >= text.end()) {}

bool LineCursor::next(std::string_view& line) {
    if (at_end_) return false;
    std::int64_t searched = next_;
    for (;;) {
        char const* const first = buffer_.data() + next_;
        auto const* newline = static_cast<char const*>(std::memchr(
            buffer_.data() + searched, '\n', static_cast<std::size_t>(filled_ - searched)));
        bool const is_last = !newline && buffer_offset_ + filled_ == text_.end();
        if (newline || is_last) {
            auto const size = (newline ? newline : buffer_.data() + filled_) - first;
            line = {first, static_cast<std::size_t>(size)};
            next_ += size + (newline ? 1 : 0);
            at_end_ = is_last;
            break;
        }
        std::int64_t const unfinished = filled_ - next_;
        refill();
        searched = unfinished;
    }
    if (line.ends_with('\r')) line.remove_suffix(1);
    return true;
}

void LineCursor::refill() {
    std::int64_t const unfinished = filled_ - next_;
    std::memmove(buffer_.data(), buffer_.data() + next_, static_cast<std::size_t>(unfinished));
    buffer_offset_ += next_;
    next_ = 0;
    auto const size = static_cast<std::int64_t>(buffer_.size());
    if (unfinished > size / 2) buffer_.resize(buffer_.size() * 2);  // a long line
    std::int64_t const room = static_cast<std::int64_t>(buffer_.size()) - unfinished;
    std::int64_t const left = text_.end() - buffer_offset_ - unfinished;
    std::int64_t const bytes = std::min(room, left);
    text_.file().read_at(buffer_offset_ + unfinished, buffer_.data() + unfinished, bytes);
    filled_ = unfinished + bytes;
}

}  // namespace partita::format
