#include "partita/knn/query_set.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/core/row_range.hpp"
#include "partita/knn/distance.hpp"

#include <algorithm>
#include <charconv>
#include <span>
#include <unordered_map>

namespace partita::knn {

namespace {

std::int64_t parse_row_number(std::string const& item, std::int64_t rows,
                              std::string const& where) {
    std::int64_t row = -1;
    auto const [end, error] = std::from_chars(item.data(), item.data() + item.size(), row);
    check(error == std::errc() && end == item.data() + item.size() && row >= 0 && row < rows,
          "{}: no item '{}' in the index: expected a row number from 0 to {}", where, item,
          rows - 1);
    return row;
}

/// One pass over the table for all items.
std::vector<std::int64_t> look_up(IdTable const& ids, std::int64_t rows,
                                  std::vector<std::string> const& items, std::string const& where) {
    std::unordered_map<std::string, std::int64_t> position_of;
    for (std::string const& item : items) position_of.emplace(item, -1);
    for (std::int64_t row = 0; row < rows; ++row) {
        auto const wanted = position_of.find(ids.to_string(row));
        if (wanted != position_of.end() && wanted->second < 0) wanted->second = row;
    }
    std::vector<std::int64_t> positions;
    for (std::string const& item : items) {
        positions.push_back(position_of[item]);
        check(positions.back() >= 0, "{}: no item '{}' in the index", where, item);
    }
    return positions;
}

std::vector<std::int64_t> find_positions(IdTable const& ids, std::int64_t rows,
                                         std::vector<std::string> const& items,
                                         std::string const& where) {
    if (ids.kind() != io::IdKind::row_numbers) return look_up(ids, rows, items, where);
    std::vector<std::int64_t> positions;
    for (std::string const& item : items) positions.push_back(parse_row_number(item, rows, where));
    return positions;
}

}  // namespace

Matrix VectorQueries::read(std::int64_t first, std::int64_t last) const {
    Matrix rows = source_.read(first, last);
    if (metric_ == Metric::cosine) normalise_rows(rows.view());
    return rows;
}

io::IdBlock VectorQueries::ids(std::int64_t first, std::int64_t last) const {
    return source_.ids().read(first, last);
}

ItemQueries::ItemQueries(Communicator const& comm, BatchSearcher const& index, Index const* copy,
                         IdTable const& ids, std::vector<std::string> const& items,
                         std::string name)
    : copy_(copy), ids_(ids), name_(std::move(name)) {
    positions_ =
        collectively(comm, "", [&] { return find_positions(ids, index.rows(), items, name_); });
    if (copy != nullptr) return;
    RowRange const mine = share_of(rows(), comm.size(), comm.rank());
    Matrix const part =
        index.vectors_at({positions_.begin() + mine.first, positions_.begin() + mine.last});
    auto const all = comm.all_gather_varying(
        std::span<float const>(part.data(), static_cast<std::size_t>(part.rows() * part.cols())));
    vectors_ = collectively(comm, "", [&] { return Matrix(rows(), index.dim()); });
    std::copy(all.begin(), all.end(), vectors_.data());
}

Matrix ItemQueries::read(std::int64_t first, std::int64_t last) const {
    if (copy_ != nullptr)
        return copy_->vectors_at({positions_.begin() + first, positions_.begin() + last});
    Matrix part(last - first, vectors_.cols());
    if (last > first)
        std::copy_n(vectors_.row(first), (last - first) * vectors_.cols(), part.data());
    return part;
}

io::IdBlock ItemQueries::ids(std::int64_t first, std::int64_t last) const {
    io::IdBlock block;
    // Items are not consecutive rows, so row numbers are given as plain numbers.
    block.kind = ids_.kind() == io::IdKind::text ? io::IdKind::text : io::IdKind::int64;
    block.first_row = first;
    block.rows = last - first;
    block.width = ids_.width();
    for (std::int64_t i = first; i < last; ++i) {
        std::int64_t const at = position(i);
        if (block.kind == io::IdKind::text)
            block.texts.insert(block.texts.end(), ids_.padded_text(at),
                               ids_.padded_text(at) + block.width);
        else
            block.numbers.push_back(ids_.number(at));
    }
    return block;
}

}  // namespace partita::knn
