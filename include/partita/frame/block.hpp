#pragma once

#include "partita/frame/column.hpp"
#include "partita/frame/schema.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace partita::frame {

/// Some rows of a table, column by column: what operations work on, and what the functions given to
/// map_batches get and return. Rank-local; copying copies no values.
///
/// The columns of a block that a table shows may end with the call that shows it: take owned(),
/// or build new columns, to keep them.
class Block {
  public:
    Block() : schema_(std::make_shared<Schema const>()) {}
    /// @throws Error unless the columns have the schema's types and one length.
    Block(std::shared_ptr<Schema const> schema, std::vector<Column> columns);
    Block(Schema schema, std::vector<Column> columns)
        : Block(std::make_shared<Schema const>(std::move(schema)), std::move(columns)) {}
    /// Of a schema without columns, which has rows all the same.
    Block(std::shared_ptr<Schema const> schema, std::vector<Column> columns, std::int64_t rows);

    std::int64_t rows() const { return rows_; }
    Schema const& schema() const { return *schema_; }
    std::shared_ptr<Schema const> const& shared_schema() const { return schema_; }
    std::span<Column const> columns() const { return columns_; }
    Column const& column(std::int64_t index) const {
        return columns_[static_cast<std::size_t>(index)];
    }
    /// @throws Error with a suggestion when there is none of that name.
    Column const& column(std::string_view name) const { return column(schema_->index_of(name)); }

    Block slice(std::int64_t first, std::int64_t last) const;
    Block take(std::span<std::uint32_t const> rows) const;
    /// The columns of these numbers; `schema` describes them.
    Block select(std::span<std::int64_t const> columns, std::shared_ptr<Schema const> schema) const;
    /// A copy, unless all columns keep themselves alive.
    Block owned() const;
    /// About what the values take.
    std::int64_t bytes() const;

  private:
    std::shared_ptr<Schema const> schema_;
    std::vector<Column> columns_;
    std::int64_t rows_ = 0;
};

/// The rows of all blocks, in order, as one. They have the same schema.
Block concatenate(std::shared_ptr<Schema const> schema, std::span<Block const> blocks);

}  // namespace partita::frame
