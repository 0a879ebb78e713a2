#pragma once

#include "partita/frame/block.hpp"
#include "partita/frame/column_builder.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace partita::frame {

/// Append bytes that compare (as unsigned bytes) as the row's values do: nulls last, NaN above all
/// other numbers; `descending` turns values round, but not nulls.
void append_ordered(std::string& out, Column const& column, std::int64_t row, bool descending);

/// Append all values of a row.
void append_packed_row(std::string& out, Block const& block, std::int64_t row);

/// Makes blocks of packed rows.
class RowUnpacker {
  public:
    explicit RowUnpacker(std::shared_ptr<Schema const> schema);
    void add(std::string_view packed);
    std::int64_t rows() const { return rows_; }
    Block take();

  private:
    std::shared_ptr<Schema const> schema_;
    std::vector<ColumnBuilder> columns_;
    std::int64_t rows_ = 0;
};

}  // namespace partita::frame
