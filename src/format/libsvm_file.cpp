#include "partita/format/libsvm_file.hpp"

#include "format/text_file.hpp"

#include <charconv>
#include <cmath>
#include <limits>

namespace partita::format {

namespace {

constexpr std::string_view blanks = " \t\r";

/// Takes the next word, of characters that are no blanks, off the front of `line`.
std::string_view next_word(std::string_view& line) {
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
    std::string_view const word = line.substr(0, line.find_first_of(blanks));
    line.remove_prefix(word.size());
    return word;
}

/// A finite number that takes the whole text; a leading + is allowed.
bool parse_finite(std::string_view text, double& value) {
    if (text.starts_with('+')) text.remove_prefix(1);
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() && std::isfinite(value);
}

bool parse_index(std::string_view text, std::int64_t& index) {
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
    return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

void append_entry(std::string_view word, LibsvmRows& rows) {
    std::size_t const colon = word.find(':');
    check(colon != std::string_view::npos, "expected index:value, got '{}'", word);
    std::string_view const index_text = word.substr(0, colon);
    if (index_text == "qid") return;
    std::int64_t index = 0;
    double value = 0;
    check(parse_index(index_text, index) && index >= 1 &&
              index <= std::numeric_limits<std::int32_t>::max(),
          "expected an index from 1 to 2147483647 before the colon, got '{}'", word);
    check(parse_finite(word.substr(colon + 1), value),
          "expected a finite number after the colon, got '{}'", word);
    bool const first = std::ssize(rows.columns) == rows.starts.back();
    check(first || rows.columns.back() < index - 1, "expected ascending indices, got {} after {}",
          index, first ? 0 : rows.columns.back() + 1);
    rows.columns.push_back(static_cast<std::int32_t>(index - 1));
    rows.values.push_back(value);
    rows.width = std::max(rows.width, index);
}

}  // namespace

void append_libsvm_row(std::string_view line, LibsvmRows& rows) {
    line = line.substr(0, line.find('#'));
    std::string_view word = next_word(line);
    if (word.empty()) return;
    double label = 0;
    check(parse_finite(word, label), "expected a finite number as label, got '{}'", word);
    for (word = next_word(line); !word.empty(); word = next_word(line)) append_entry(word, rows);
    rows.labels.push_back(label);
    rows.starts.push_back(std::ssize(rows.columns));
}

struct LibsvmFile::State {
    TextFile text;
};

LibsvmFile::LibsvmFile(std::string const& path)
    : state_(std::make_unique<State>(State{TextFile(path)})) {}
LibsvmFile::~LibsvmFile() = default;
LibsvmFile::LibsvmFile(LibsvmFile&&) noexcept = default;
LibsvmFile& LibsvmFile::operator=(LibsvmFile&&) noexcept = default;

std::string const& LibsvmFile::path() const { return state_->text.path(); }
std::int64_t LibsvmFile::begin() const { return state_->text.begin(); }
std::int64_t LibsvmFile::end() const { return state_->text.end(); }

void LibsvmFile::read(std::int64_t first, std::int64_t last, LibsvmRows& rows) const {
    TextFile const& text = state_->text;
    scan_lines(text, begin(), first, last, [&](std::string_view line, LineScan const& scan) {
        try {
            append_libsvm_row(line, rows);
        } catch (Error const& e) {
            // Line numbers are counted only when one is needed.
            LineScan const before =
                scan_lines(text, begin(), begin(), first, [](std::string_view, LineScan&) {});
            fail("{}: line {}: {}", path(), before.lines + scan.lines, e.what());
        }
    });
}

}  // namespace partita::format
