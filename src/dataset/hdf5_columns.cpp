#include "partita/dataset/hdf5_columns.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/dataset/save_text.hpp"

#include <algorithm>
#include <cmath>

namespace partita::dataset {

Hdf5Columns::Hdf5Columns(Context const& context, std::string const& path,
                         std::vector<std::string> names)
    : names_(std::move(names)) {
    collectively(context.comm(), "", [&] {
        reader_ = std::make_shared<io::Hdf5Reader const>(path);
        if (names_.empty())
            for (auto const& dataset : reader_->datasets())
                if (dataset.shape.size() == 1) names_.push_back(dataset.name.substr(1));
        check(!names_.empty(), "{}: expected one-dimensional datasets, got none", path);
        choose(path);
    });
}

void Hdf5Columns::choose(std::string const& path) {
    for (std::string const& name : names_) {
        io::Hdf5DatasetInfo const& info = infos_.emplace_back(reader_->info(name));
        check(info.shape.size() == 1, "{}:{}: expected 1 dimension, got {}", path, info.name,
              info.shape.size());
        check(info.is_text || info.type.has_value(), "{}:{}: expected numbers or texts, got {}",
              path, info.name, info.type_name);
        check(info.shape == infos_[0].shape, "{}:{}: expected {} rows as in {}, got {}", path,
              info.name, infos_[0].shape[0], infos_[0].name, info.shape[0]);
    }
    rows_ = infos_[0].shape[0];
}

void Hdf5Columns::read_texts(std::int64_t column, std::int64_t first, std::int64_t last,
                             std::vector<std::string>& out) const {
    check(is_text(column), "{}:{}: expected texts, got {}", path(), info(column).name,
          info(column).type_name);
    out = reader_->read_texts(info(column).name, first, last);
}

void Hdf5Columns::read_numbers(std::int64_t column, std::int64_t first, std::int64_t last,
                               format::ElementType type, void* out) const {
    check(!is_text(column), "{}:{}: expected numbers, got texts", path(), info(column).name);
    reader_->read_rows(info(column).name, first, last, type, out);
}

void Hdf5Columns::read_as_texts(std::int64_t column, std::int64_t first, std::int64_t last,
                                std::vector<std::string>& out) const {
    if (is_text(column)) return read_texts(column, first, last, out);
    out.assign(static_cast<std::size_t>(last - first), {});
    auto const write = [&](auto const& numbers) {
        for (std::size_t i = 0; i < numbers.size(); ++i)
            if (numbers[i] == numbers[i]) append_number(out[i], numbers[i]);
    };
    auto const type = *info(column).type;
    if (type == format::ElementType::float32) {
        std::vector<float> numbers;
        read(column, first, last, numbers);
        write(numbers);
    } else if (type == format::ElementType::float64) {
        std::vector<double> numbers;
        read(column, first, last, numbers);
        write(numbers);
    } else {
        std::vector<std::int64_t> numbers;
        read(column, first, last, numbers);
        write(numbers);
    }
}

void Hdf5Columns::for_each_row(std::int64_t first, std::int64_t last,
                               FunctionRef<void(TableRow const&)> visit) const {
    constexpr std::int64_t block_rows = 8192;
    std::vector<std::vector<std::string>> columns(names_.size());
    std::vector<std::string_view> row(names_.size());
    for (std::int64_t start = first; start < last; start += block_rows) {
        std::int64_t const end = std::min(start + block_rows, last);
        for (std::size_t c = 0; c < columns.size(); ++c)
            read_as_texts(static_cast<std::int64_t>(c), start, end, columns[c]);
        for (std::int64_t i = start; i < end; ++i) {
            for (std::size_t c = 0; c < columns.size(); ++c)
                row[c] = columns[c][static_cast<std::size_t>(i - start)];
            auto const where = [&](std::int64_t column) {
                return fmt::format("{}:{}: row {}", path(), info(column).name, i);
            };
            visit(TableRow(row, where));
        }
    }
}

}  // namespace partita::dataset
