#include "frame/csv/rows.hpp"

#include "frame/csv/index.hpp"
#include "frame/csv/open_quote.hpp"
#include "frame/csv/structure.hpp"

#include "partita/core/error.hpp"
#include "partita/core/file.hpp"
#include "partita/dataset/text_stream.hpp"

#include <algorithm>
#include <cstring>
#include <memory>

namespace partita::frame::csv {

namespace {

constexpr std::int64_t longest_row_bytes = std::int64_t{1} << 30;

}  // namespace

std::string Place::text() const {
    return fmt::format("{}: line {}", path, line_at(path, offset) + lines);
}

/// The run's bytes in turn, whether they are compressed or not.
class RowReader::Bytes {
  public:
    Bytes(std::string const& path, std::int64_t first, std::int64_t last)
        : stream_(dataset::open_text_stream(path, 0)), left_(last - first) {
        if (dataset::compression_of(path) == dataset::Compression::none)
            stream_ = dataset::open_text_stream(path, first);
        else
            skip(first);
    }
    std::int64_t read(char* out, std::int64_t bytes) {
        std::int64_t const got = stream_->read(out, std::min(bytes, left_));
        left_ -= got;
        return got;
    }

  private:
    void skip(std::int64_t bytes) {
        std::string skipped(static_cast<std::size_t>(bytes), '\0');
        stream_->read(skipped.data(), bytes);
    }

    std::unique_ptr<dataset::TextStream> stream_;
    std::int64_t left_;
};

RowReader::RowReader(std::string path, Dialect const& dialect, bool any_quotes, std::int64_t first,
                     std::int64_t last, std::int64_t block_bytes)
    : path_(std::move(path)),
      dialect_(dialect),
      quotes_count_(dialect.quotes_count && any_quotes),
      first_(first),
      block_bytes_(std::max<std::int64_t>(block_bytes, 1)) {
    if (first < last) bytes_ = std::make_unique<Bytes>(path_, first, last);
}

RowReader::~RowReader() = default;

Place RowReader::place_of(std::int64_t row) const {
    auto const empty = std::count_if(empty_lines_.begin(), empty_lines_.end(),
                                     [&](std::int64_t before) { return before <= row; });
    return {path_, first_,
            lines_before_ + std::count(current_.text(), current_.begin(row, 0), '\n') + empty};
}

/// Move what no block took yet to the front.
void RowReader::keep_rest() {
    lines_before_ += std::count(text_.data(), text_.data() + used_, '\n');
    std::int64_t const rest = text_.size() - used_;
    if (rest > 0) std::memmove(text_.data(), text_.data() + used_, static_cast<std::size_t>(rest));
    text_.shrink_to(rest);
    used_ = 0;
}

void RowReader::fill() {
    std::int64_t const before = text_.size();
    text_.reserve(before + block_bytes_ + slack_bytes);
    std::int64_t const got = bytes_->read(text_.extend(block_bytes_), block_bytes_);
    text_.shrink_to(before + got);
    if (got < block_bytes_) bytes_ = nullptr;
    if (dialect_.separator == ' ')
        text_.shrink_to(join_blanks(text_.data(), text_.size(), dialect_.quotes_count));
}

bool RowReader::next(Rows& rows) {
    keep_rest();
    for (;;) {
        if (bytes_) fill();
        if (text_.size() == 0 && !bytes_) return false;
        if (find_rows(!bytes_, rows)) {
            if (rows.rows() > 0) return true;
            keep_rest();  // only empty lines
            continue;
        }
        if (!bytes_) return false;
        if (text_.size() < longest_row_bytes) continue;
        if (quotes_count_) fail_open_quote(path_, dialect_);
        fail("{}: expected a row of at most {} bytes, got more",
             Place{path_, first_, lines_before_}.text(), longest_row_bytes);
    }
}

/// Whether the text holds rows; they end with the last newline, or at the end of the run.
bool RowReader::find_rows(bool at_end, Rows& rows) {
    std::int64_t const size = text_.size();
    ends_.clear();
    ends_.reserve(size + slack_bytes + 1);
    // Text that is not compressed was looked through before.
    if (at_end && quotes_count_ && std::count(text_.data(), text_.data() + size, '"') % 2 != 0)
        fail_open_quote(path_, dialect_);
    std::int64_t newlines = 0;
    std::int64_t found = find_structure(text_.data(), size, dialect_.separator, quotes_count_,
                                        ends_.data(), newlines);
    if (at_end && size > 0 &&
        (found == 0 || ends_[found - 1] != size - 1 || text_[size - 1] != '\n')) {
        text_.reserve(size + slack_bytes + 1);
        text_[size] = '\n';  // the end of the last row, as if it were written
        ends_[found++] = static_cast<std::uint32_t>(size);
        ++newlines;
    }
    while (found > 0 && text_[ends_[found - 1]] != '\n') --found;
    if (found == 0) return false;
    used_ = std::min<std::int64_t>(ends_[found - 1] + 1, size);
    current_.text_ = text_.data();
    current_.columns_ = static_cast<std::int64_t>(dialect_.names.size());
    current_.ends_ = ends_.data();
    current_.rows_ = newlines;
    current_.may_hold_lines_ =
        quotes_count_ && std::count(text_.data(), text_.data() + used_, '\n') != newlines;
    std::int64_t const columns = current_.columns_;
    bool even = found == newlines * columns;
    for (std::int64_t row = 1; even && row <= newlines; ++row)
        even = text_[ends_[row * columns - 1]] == '\n';
    empty_lines_.clear();
    if (!even) align(found);
    rows = current_;
    return true;
}

/// Leave out empty lines, and find the row that has not as many fields as there are columns.
void RowReader::align(std::int64_t found) {
    std::int64_t const columns = current_.columns_;
    aligned_text_.clear();
    aligned_text_.reserve(text_.size() + slack_bytes + 1);
    current_.rows_ = 0;
    std::int64_t begin = 0, first_end = 0, kept = 0;
    for (std::int64_t i = 0; i < found; ++i) {
        std::int64_t const end = ends_[i];
        if (text_[end] != '\n') continue;
        std::int64_t const size = end - begin - (end > begin && text_[end - 1] == '\r' ? 1 : 0);
        if (size == 0 && columns > 1) {
            empty_lines_.push_back(current_.rows_);
        } else {
            std::int64_t const fields = i + 1 - first_end;
            if (fields != columns) fail_ragged(begin, fields);
            std::int64_t const shift = begin - aligned_text_.size();
            aligned_text_.append(text_.data() + begin, end + 1 - begin);
            for (; first_end <= i; ++first_end)
                ends_[kept++] = static_cast<std::uint32_t>(ends_[first_end] - shift);
            ++current_.rows_;
        }
        begin = end + 1;
        first_end = i + 1;
    }
    current_.text_ = aligned_text_.data();
}

void RowReader::fail_ragged(std::int64_t begin, std::int64_t fields) const {
    Place const place{path_, first_,
                      lines_before_ + std::count(text_.data(), text_.data() + begin, '\n')};
    fail("{}: expected {} fields, got {}", place.text(), dialect_.names.size(), fields);
}

}  // namespace partita::frame::csv
