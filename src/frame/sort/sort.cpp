#include "frame/blanks.hpp"
#include "frame/group/scatter.hpp"
#include "frame/sort/packed_rows.hpp"

#include "partita/core/error.hpp"
#include "partita/dataset/dataset.hpp"
#include "partita/dataset/sort_by.hpp"
#include "partita/frame/aggregate.hpp"
#include "partita/frame/wide.hpp"

#include <functional>
#include <utility>

namespace partita::frame {

namespace {

using PackedRow = std::pair<std::string, std::string>;  ///< Key, row.
using SortedRows = dataset::Dataset<PackedRow>;

struct KeyColumn {
    std::int64_t column;
    bool descending;
};

/// The table's rows as items of a dataset.
auto packed_rows(Table const& table, std::vector<KeyColumn> keys) {
    return dataset::make_dataset<std::pair<std::string_view, std::string_view>>(
        table.plan(),
        [source = table.source(), keys = std::move(keys)](std::int64_t partition, auto&& sink) {
            std::string key, row;
            source->run(partition, [&](Block const& block) {
                for (std::int64_t i = 0; i < block.rows(); ++i) {
                    key.clear();
                    row.clear();
                    for (KeyColumn const& one : keys)
                        append_ordered(key, block.column(one.column), i, one.descending);
                    append_packed_row(row, block, i);
                    sink(std::pair<std::string_view, std::string_view>(key, row));
                }
            });
        });
}

class SortedSource final : public BlockSource {
  public:
    SortedSource(SortedRows rows, std::shared_ptr<Schema const> schema)
        : rows_(std::move(rows)), schema_(std::move(schema)) {}
    void run(std::int64_t partition, BlockSink sink) const override {
        constexpr std::int64_t block_rows = 4096;
        RowUnpacker unpacker(schema_);
        rows_.push()(partition, [&](PackedRow const& row) {
            unpacker.add(row.second);
            if (unpacker.rows() == block_rows) sink(unpacker.take());
        });
        if (unpacker.rows() > 0) sink(unpacker.take());
    }

  private:
    SortedRows rows_;
    std::shared_ptr<Schema const> schema_;
};

}  // namespace

std::vector<SortKey> parse_sort_keys(std::string_view text) {
    std::vector<SortKey> keys;
    while (!text.empty()) {
        std::size_t const comma = std::min(text.find(','), text.size());
        std::string_view one = without_blanks(text.substr(0, comma));
        text.remove_prefix(std::min(comma + 1, text.size()));
        bool descending = one.starts_with('-');
        if (descending) one.remove_prefix(1);
        if (one.ends_with(" desc")) {
            descending = true;
            one.remove_suffix(5);
        } else if (one.ends_with(" asc")) {
            one.remove_suffix(4);
        }
        keys.push_back({std::string(without_blanks(one)), descending});
    }
    return keys;
}

Table sort(Table const& table, std::vector<SortKey> const& keys) {
    check(!keys.empty(), "sort: expected at least one column, got none");
    std::vector<KeyColumn> columns;
    for (SortKey const& key : keys)
        columns.push_back({table.schema().index_of(key.column), key.descending});
    for (KeyColumn const& key : columns) check_keys(table.schema(), {&key.column, 1}, "sort");
    auto const key_of = [](auto const& row) -> auto const& { return row.first; };
    SortedRows const sorted =
        dataset::sort_by(packed_rows(table, std::move(columns)), key_of, std::less<>(),
                         wide_partitions(table.num_partitions()), "sort");
    return {sorted.plan(), table.shared_schema(),
            std::make_shared<SortedSource>(sorted, table.shared_schema())};
}

Table distinct(Table const& table) {
    return group_by(table, table.schema().names()).agg(std::vector<Aggregate>());
}

}  // namespace partita::frame
