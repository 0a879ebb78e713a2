#pragma once

#include "partita/format/id_reader.hpp"
#include "partita/format/line_index.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace partita::format {

class TextFile;

/// A text file with one id a line, without blanks around it; blank lines at the end do not count.
/// The ids are numbers if all of them are int64 numbers, else texts.
///
/// Reading takes two passes, as for CsvFile: scan disjoint ranges of [begin(), end()), then read.
class LabelFile {
  public:
    explicit LabelFile(std::string const& path);

    std::string const& path() const;
    std::int64_t begin() const;
    std::int64_t end() const;
    LineScan scan(std::int64_t first, std::int64_t last) const;
    std::unique_ptr<IdReader> ids(LineIndex index) const;

  private:
    std::shared_ptr<TextFile const> text_;
};

}  // namespace partita::format
