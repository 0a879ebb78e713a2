#pragma once

#include "partita/core/row_range.hpp"
#include "partita/frame/column_builder.hpp"
#include "partita/frame/make_column.hpp"
#include "partita/frame/table.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace partita::bench {

/// Rows (key, value): the key is a function of the row's number, the value that number modulo 1000.
/// Made block by block; keys as integers or as texts "key_000417".
class Pairs final : public frame::BlockSource {
  public:
    using KeyOf = std::function<std::uint64_t(std::uint64_t row)>;

    Pairs(std::int64_t rows, KeyOf key_of, std::string name, frame::Type key_type)
        : rows_(rows),
          key_of_(std::move(key_of)),
          schema_(std::make_shared<frame::Schema const>(std::vector<frame::Field>{
              {"key", key_type}, {std::move(name), frame::Type::int64}})) {}

    static constexpr std::int64_t partitions = 64, block_rows = 1 << 15;

    std::shared_ptr<frame::Schema const> const& schema() const { return schema_; }
    void run(std::int64_t partition, frame::BlockSink sink) const override {
        RowRange const mine = share_of(rows_, partitions, partition);
        for (std::int64_t first = mine.first; first < mine.last; first += block_rows) {
            std::int64_t const last = std::min(first + block_rows, mine.last);
            frame::ColumnBuilder keys((*schema_)[0]), values(frame::Type::int64);
            for (std::int64_t i = first; i < last; ++i) {
                std::uint64_t const key = key_of_(static_cast<std::uint64_t>(i));
                if (keys.type() == frame::Type::text)
                    keys.append_text(fmt::format("key_{:06}", key));
                else
                    keys.append(static_cast<std::int64_t>(key));
                values.append(i % 1000);
            }
            sink(frame::Block(schema_, {keys.finish(), values.finish()}));
        }
    }

  private:
    std::int64_t rows_;
    KeyOf key_of_;
    std::shared_ptr<frame::Schema const> schema_;
};

/// Such a table, kept in memory.
inline frame::Table pairs(dataset::Context const& context, std::int64_t rows, Pairs::KeyOf key_of,
                          std::string name, frame::Type key_type = frame::Type::int64) {
    auto const source = std::make_shared<Pairs>(rows, std::move(key_of), std::move(name), key_type);
    frame::Table const table =
        frame::Table({context, {Pairs::partitions}, {}, "pairs", {}}, source->schema(), source)
            .cache();
    table.plan().prepare();
    return table;
}

}  // namespace partita::bench
