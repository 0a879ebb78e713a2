#include "partita/frame/block.hpp"

#include "partita/core/error.hpp"
#include "partita/frame/column_builder.hpp"

#include <algorithm>

namespace partita::frame {

namespace {

Column copy_of(Column const& column) {
    ColumnBuilder copy = ColumnBuilder::like(column);
    copy.append_rows(column, 0, column.size());
    return copy.finish();
}

}  // namespace

Block::Block(std::shared_ptr<Schema const> schema, std::vector<Column> columns)
    : Block(std::move(schema), columns, columns.empty() ? 0 : columns.front().size()) {}

Block::Block(std::shared_ptr<Schema const> schema, std::vector<Column> columns, std::int64_t rows)
    : schema_(std::move(schema)), columns_(std::move(columns)), rows_(rows) {
    auto const count = static_cast<std::int64_t>(columns_.size());
    // Messages are made only for what is wrong: blocks of a few rows are made by the thousand.
    if (count != schema_->size())
        fail("expected {} columns ({}), got {}", schema_->size(), schema_->to_text(), count);
    for (std::int64_t i = 0; i < count; ++i) {
        Field const& field = (*schema_)[i];
        if (column(i).type() != field.type)
            fail("column '{}': expected {}, got {}", field.name, to_string(field.type),
                 to_string(column(i).type()));
        check(column(i).width() == field.width, "column '{}': expected vectors of {}, got of {}",
              field.name, field.width, column(i).width());
        check(column(i).size() == rows_, "column '{}': expected {} rows, got {}", field.name, rows_,
              column(i).size());
    }
}

Block Block::slice(std::int64_t first, std::int64_t last) const {
    std::vector<Column> columns;
    columns.reserve(columns_.size());
    for (Column const& column : columns_) columns.push_back(column.slice(first, last));
    return {schema_, std::move(columns), last - first};
}

Block Block::take(std::span<std::uint32_t const> rows) const {
    std::vector<Column> columns;
    columns.reserve(columns_.size());
    for (Column const& column : columns_) columns.push_back(column.take(rows));
    return {schema_, std::move(columns), static_cast<std::int64_t>(rows.size())};
}

Block Block::select(std::span<std::int64_t const> columns,
                    std::shared_ptr<Schema const> schema) const {
    std::vector<Column> selected;
    for (std::int64_t const i : columns) selected.push_back(column(i));
    return {std::move(schema), std::move(selected), rows_};
}

Block Block::owned() const {
    std::vector<Column> columns;
    for (Column const& column : columns_)
        columns.push_back(column.owns() ? column : copy_of(column));
    return {schema_, std::move(columns), rows_};
}

std::int64_t Block::bytes() const {
    std::int64_t bytes = 0;
    for (Column const& column : columns_) {
        bytes += column.nulls() ? rows_ : 0;
        if (column.has_small_dictionary())
            bytes += column.dictionary().text_bytes() + 4 * (column.entries() + 1 + rows_);
        else if (column.type() == Type::text)
            bytes += column.text_bytes() + 4 * (rows_ + 1);
        else
            bytes += rows_ * column.value_bytes();
    }
    return bytes;
}

Block concatenate(std::shared_ptr<Schema const> schema, std::span<Block const> blocks) {
    if (blocks.size() == 1) return blocks.front().owned();
    std::vector<Column> columns;
    std::int64_t rows = 0;
    for (Block const& block : blocks) rows += block.rows();
    for (std::int64_t i = 0; i < schema->size(); ++i) {
        ColumnBuilder all((*schema)[i]);
        all.reserve(rows);
        for (Block const& block : blocks) all.append_rows(block.column(i), 0, block.rows());
        columns.push_back(all.finish());
    }
    return {std::move(schema), std::move(columns), rows};
}

}  // namespace partita::frame
