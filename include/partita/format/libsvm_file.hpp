#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace partita::format {

/// Labelled sparse rows, one after the other.
struct LibsvmRows {
    std::vector<double> labels;
    std::vector<std::int64_t> starts{0};  ///< Row i's entries: [starts[i], starts[i + 1]).
    std::vector<std::int32_t> columns;    ///< From 0, ascending within a row.
    std::vector<double> values;
    std::int64_t width = 0;  ///< The largest column + 1.

    std::int64_t rows() const { return static_cast<std::int64_t>(labels.size()); }
};

/// Append the row "label index:value index:value ... # comment", indices from 1, ascending; "qid:n"
/// is passed over. A line of blanks or a comment is no row.
/// @throws Error that says what was expected in which place of the line, without file and line.
void append_libsvm_row(std::string_view line, LibsvmRows& rows);

/// A file in LIBSVM's (SVMlight's) text format. Functions are const and may be called from several
/// threads, so that readers can share the work by ranges of bytes.
class LibsvmFile {
  public:
    /// @throws Error when there is no such file, or it is empty, UTF-16 or gzipped.
    explicit LibsvmFile(std::string const& path);
    ~LibsvmFile();
    LibsvmFile(LibsvmFile&&) noexcept;
    LibsvmFile& operator=(LibsvmFile&&) noexcept;

    std::string const& path() const;
    /// The bytes that hold rows.
    std::int64_t begin() const;
    std::int64_t end() const;

    /// Append the rows whose lines start in bytes [first, last). Disjoint ranges that cover
    /// [begin(), end()) give every row once.
    /// @throws Error "x.libsvm: line 7: expected index:value, got '3'".
    void read(std::int64_t first, std::int64_t last, LibsvmRows& rows) const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace partita::format
