#pragma once

#include "format/expect_refused.hpp"

#include "partita/format/csv_file.hpp"
#include "partita/format/label_file.hpp"

#include <memory>
#include <string>
#include <vector>

namespace partita::format::test {

/// The index of a CSV or label file, scanned in ranges that end at `cuts`.
template <class TextFormat>
LineIndex scan_all(TextFormat const& file, std::vector<std::int64_t> const& cuts = {}) {
    std::vector<LineScan> scans;
    std::int64_t begin = file.begin();
    for (std::int64_t const cut : cuts) {
        scans.push_back(file.scan(begin, cut));
        begin = cut;
    }
    scans.push_back(file.scan(begin, file.end()));
    return LineIndex(scans);
}

/// Everything that a CSV file holds.
struct CsvContents {
    std::vector<float> values;
    std::vector<std::string> ids;
    std::vector<std::int64_t> id_numbers;
};

/// All ids, as texts or numbers.
inline void read_ids(IdReader const& ids, CsvContents& contents) {
    auto const rows = static_cast<std::size_t>(ids.rows());
    if (!ids.is_text()) {
        contents.id_numbers.resize(rows);
        ids.read_numbers(0, ids.rows(), contents.id_numbers.data());
        return;
    }
    auto const width = static_cast<std::size_t>(ids.width());
    std::string texts(rows * width, '?');
    ids.read_texts(0, ids.rows(), texts.data());
    for (std::size_t i = 0; i < rows; ++i)
        contents.ids.emplace_back(texts.substr(i * width, width).c_str());
}

inline CsvContents read_csv(std::string const& path, CsvOptions const& options = {}) {
    CsvFile const file(path, options);
    LineIndex const index = scan_all(file);
    CsvContents contents;
    contents.values = all_values(*file.vectors(index));
    if (auto const ids = file.ids(index)) read_ids(*ids, contents);
    return contents;
}

inline CsvContents read_labels(std::string const& path) {
    LabelFile const file(path);
    CsvContents contents;
    read_ids(*file.ids(scan_all(file)), contents);
    return contents;
}

}  // namespace partita::format::test
