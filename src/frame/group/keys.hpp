#pragma once

#include "partita/frame/block.hpp"
#include "partita/frame/column_builder.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace partita::frame {

/// A hash of each row's values, the same on all ranks and machines: null is a value of its own,
/// 0.0 and -0.0 are one, and so are all NaNs. `out` has room for the rows.
void hash_rows(std::span<Column const> columns, std::int64_t rows, std::uint64_t* out);

/// Numbers groups of rows with equal keys, in order of first appearance.
class GroupTable {
  public:
    static constexpr std::uint32_t none = ~std::uint32_t{0};

    explicit GroupTable(std::span<Field const> keys);
    ~GroupTable();

    /// Rows of another block follow: what find() remembers of a dictionary does not hold for it.
    void begin_block();
    /// The group of each row, for `out`; new groups are made until the table takes `most_bytes` for
    /// the first time, later ones' rows get `none`.
    /// @param hashes  Of the rows, by hash_rows; may be null unless needs_hashes().
    /// @returns whether all rows have a group.
    bool find(std::span<Column const> keys, std::uint64_t const* hashes, std::int64_t rows,
              std::int64_t most_bytes, std::uint32_t* out);
    /// The groups of keys that were seen before, `none` for others. Thread-safe.
    void lookup(std::span<Column const> keys, std::uint64_t const* hashes, std::int64_t rows,
                std::uint32_t* out) const;
    bool needs_hashes() const;
    std::int64_t groups() const { return groups_; }
    std::int64_t bytes() const;
    /// Each group's keys, as columns. The table is empty afterwards.
    std::vector<Column> take_keys();

    class Index;

  private:
    void add_keys(std::span<Column const> keys, std::span<std::uint32_t const> rows);

    std::vector<ColumnBuilder> keys_;
    std::unique_ptr<Index> index_;
    std::int64_t groups_ = 0;
    std::int64_t key_bytes_ = 0;
    bool full_ = false;
    std::vector<std::uint32_t> new_rows_;
    std::vector<Field> fields_;
};

}  // namespace partita::frame
