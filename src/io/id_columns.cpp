#include "io/id_columns.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/core/row_range.hpp"

#include <algorithm>
#include <cstring>

namespace partita::io {

namespace {

constexpr std::int64_t measured_block_bytes = 4 << 20;

std::string_view unpadded(char const* text, std::int64_t width) {
    while (width > 0 && text[width - 1] == '\0') --width;
    return {text, static_cast<std::size_t>(width)};
}

void check_rows(std::int64_t rows, std::int64_t first, std::int64_t last) {
    check(0 <= first && first <= last && last <= rows,
          "ids: expected rows within [0, {}), got [{}, {})", rows, first, last);
}

class RowNumbers final : public IdColumn {
  public:
    explicit RowNumbers(std::int64_t rows) : rows_(rows) {}
    IdKind kind() const override { return IdKind::row_numbers; }
    std::int64_t rows() const override { return rows_; }
    std::int64_t width() const override { return 8; }
    IdBlock read(std::int64_t first, std::int64_t last) const override {
        check_rows(rows_, first, last);
        IdBlock block;
        block.first_row = first;
        block.rows = last - first;
        return block;
    }

  private:
    std::int64_t rows_;
};

class ReadIds final : public IdColumn {
  public:
    ReadIds(std::unique_ptr<format::IdReader> reader, std::int64_t width)
        : reader_(std::move(reader)), width_(width) {}
    IdKind kind() const override { return reader_->is_text() ? IdKind::text : IdKind::int64; }
    std::int64_t rows() const override { return reader_->rows(); }
    std::int64_t width() const override { return width_; }

    IdBlock read(std::int64_t first, std::int64_t last) const override {
        check_rows(rows(), first, last);
        IdBlock block;
        block.kind = kind();
        block.first_row = first;
        block.rows = last - first;
        if (block.kind == IdKind::text) {
            read_texts(block);
        } else {
            block.numbers.resize(static_cast<std::size_t>(block.rows));
            reader_->read_numbers(first, last, block.numbers.data());
        }
        return block;
    }

  private:
    void read_texts(IdBlock& block) const {
        std::int64_t const wide = reader_->width();
        block.width = width_;
        block.texts.resize(static_cast<std::size_t>(block.rows * wide));
        reader_->read_texts(block.first_row, block.first_row + block.rows, block.texts.data());
        for (std::int64_t i = 0; i < block.rows; ++i) {
            char* const from = block.texts.data() + i * wide;
            check_id_text(reader_->path(), block.first_row + i, unpadded(from, wide));
            // What is cut off is padding: width_ is that of the longest.
            std::memmove(block.texts.data() + i * width_, from, static_cast<std::size_t>(width_));
        }
        block.texts.resize(static_cast<std::size_t>(block.rows * width_));
    }

    std::unique_ptr<format::IdReader> reader_;
    std::int64_t width_;
};

std::int64_t longest_text(format::IdReader const& ids, RowRange rows) {
    std::int64_t const wide = ids.width();
    std::int64_t const block = std::max<std::int64_t>(measured_block_bytes / wide, 1);
    std::vector<char> texts(static_cast<std::size_t>(std::min(block, rows.size()) * wide));
    std::int64_t longest = 1;
    for (std::int64_t first = rows.first; first < rows.last; first += block) {
        std::int64_t const last = std::min(first + block, rows.last);
        ids.read_texts(first, last, texts.data());
        for (std::int64_t row = first; row < last; ++row) {
            std::string_view const text = unpadded(texts.data() + (row - first) * wide, wide);
            check_id_text(ids.path(), row, text);
            longest = std::max(longest, static_cast<std::int64_t>(text.size()));
        }
    }
    return longest;
}

}  // namespace

void check_id_text(std::string const& where, std::int64_t row, std::string_view text) {
    check(static_cast<std::int64_t>(text.size()) <= most_id_bytes,
          "{}: id of row {}: expected at most {} bytes, got {}", where, row, most_id_bytes,
          text.size());
    bool const has_zero = text.find('\0') != std::string_view::npos;
    bool const has_line_end = text.find_first_of("\n\r") != std::string_view::npos;
    check(!has_zero && !has_line_end, "{}: id of row {}: expected text, got a {} in it", where, row,
          has_zero ? "zero byte" : "line end");
}

std::unique_ptr<IdColumn> make_row_numbers(std::int64_t rows) {
    return std::make_unique<RowNumbers>(rows);
}

std::unique_ptr<IdColumn> make_id_column(Communicator const& comm,
                                         std::unique_ptr<format::IdReader> reader, bool measure) {
    std::int64_t width = reader->width();
    if (reader->is_text() && measure) {
        RowRange const mine = share_of(reader->rows(), comm.size(), comm.rank());
        std::int64_t const here =
            collectively(comm, "", [&] { return longest_text(*reader, mine); });
        width = comm.all_reduce(here, Reduce::max);
    }
    collectively(comm, "", [&] {
        check(width <= most_id_bytes, "{}: expected ids of at most {} bytes, got one of {}",
              reader->path(), most_id_bytes, width);
    });
    return std::make_unique<ReadIds>(std::move(reader), std::max<std::int64_t>(width, 1));
}

}  // namespace partita::io
