#include "format/fuzz/fuzz_formats.hpp"
#include "format/fuzz/fuzz_input.hpp"

#include "partita/format/csv_file.hpp"
#include "partita/format/csv_text.hpp"
#include "partita/format/label_file.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace partita::format::test {
namespace {

/// Ids of all rows, numbers as texts.
std::vector<std::string> all_ids(IdReader const& ids) {
    std::vector<std::string> all;
    if (ids.is_text()) {
        auto const width = static_cast<std::size_t>(ids.width());
        std::string texts(static_cast<std::size_t>(ids.rows()) * width, '\0');
        ids.read_texts(0, ids.rows(), texts.data());
        for (std::size_t i = 0; i < texts.size(); i += width)
            all.emplace_back(texts.substr(i, width).c_str());
    } else {
        std::vector<std::int64_t> numbers(static_cast<std::size_t>(ids.rows()));
        ids.read_numbers(0, ids.rows(), numbers.data());
        for (std::int64_t const number : numbers) all.push_back(std::to_string(number));
    }
    return all;
}

/// The index from three scans, cut where the input's own bytes say, equals that from one.
template <class TextFormat>
LineIndex check_scans(TextFormat const& file, std::uint8_t const* data, std::size_t size) {
    std::int64_t const begin = file.begin(), bytes = file.end() - file.begin();
    LineIndex const whole({file.scan(begin, file.end())});
    std::int64_t a = begin + data[0] * bytes / 255, b = begin + data[size / 2] * bytes / 255;
    if (b < a) std::swap(a, b);
    LineIndex const index({file.scan(begin, a), file.scan(a, b), file.scan(b, file.end())});
    require(index.lines() == whole.lines(), "scans count other lines than one scan");
    require(index.ids_are_numbers() == whole.ids_are_numbers(), "scans find other ids");
    require(index.id_width() == whole.id_width(), "scans find other widths");
    return index;
}

bool same_values(std::vector<float> const& a, std::vector<float> const& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](float x, float y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

struct Table {
    std::int64_t dim = 0;
    std::vector<float> values;
    std::vector<std::string> ids;
};

Table read_table(CsvFile const& file, LineIndex const& index) {
    auto const vectors = file.vectors(index);
    Table table{vectors->shape().dim, {}, {}};
    table.values.resize(static_cast<std::size_t>(vectors->shape().rows * table.dim));
    vectors->read(0, vectors->shape().rows, table.values.data(), true);
    if (auto const ids = file.ids(index)) table.ids = all_ids(*ids);
    return table;
}

std::string text_of(Table const& table) {
    std::string text = csv_header(table.ids.empty() ? "" : "id", table.dim);
    std::int64_t const rows = static_cast<std::int64_t>(table.values.size()) / table.dim;
    for (std::int64_t i = 0; i < rows; ++i) {
        if (!table.ids.empty()) {
            append_csv_text(text, table.ids[static_cast<std::size_t>(i)]);
            text += ',';
        }
        append_csv_numbers(text, ElementType::float32, table.values.data() + i * table.dim,
                           table.dim);
        text += '\n';
    }
    return text;
}

}  // namespace

void fuzz_csv(std::uint8_t const* data, std::size_t size) {
    only_errors([&] {
        CsvFile const file(fuzz_file("input.csv", data, size));
        LineIndex const index = check_scans(file, data, size);
        Table const table = read_table(file, index);
        std::string const text = text_of(table);
        CsvFile const again(fuzz_file("again.csv", text.data(), text.size()), {true, ""});
        Table const other = read_table(again, check_scans(again, data, size));
        require(same_values(other.values, table.values), "the values changed");
        require(other.ids == table.ids, "the ids changed");
    });
}

void fuzz_labels(std::uint8_t const* data, std::size_t size) {
    only_errors([&] {
        LabelFile const file(fuzz_file("input.txt", data, size));
        auto const ids = all_ids(*file.ids(check_scans(file, data, size)));
        require(!ids.empty(), "labels without a label");
    });
}

}  // namespace partita::format::test
