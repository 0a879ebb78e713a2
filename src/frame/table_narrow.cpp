#include "frame/block_codec.hpp"
#include "frame/narrow.hpp"
#include "frame/stored_table.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"

#include <algorithm>

namespace partita::frame {

namespace {

/// The partitions of two tables, one after another.
class UnionSource final : public BlockSource {
  public:
    UnionSource(Table const& first, Table const& second)
        : first_(first.source()), second_(second.source()), split_(first.num_partitions()) {}
    void run(std::int64_t partition, BlockSink sink) const override {
        if (partition < split_)
            first_->run(partition, sink);
        else
            second_->run(partition - split_, sink);
    }

  private:
    std::shared_ptr<BlockSource const> first_, second_;
    std::int64_t split_;
};

Table select_columns(Table const& table, std::vector<std::int64_t> columns, Schema schema,
                     std::string_view operation) {
    auto const shared = std::make_shared<Schema const>(std::move(schema));
    if (auto fewer = table.source()->select(columns))
        return Table(table.plan().then_anew(operation), shared, std::move(fewer))
            .with_rows_of(table);
    return narrow(
        table, operation, shared,
        [columns, shared](std::int64_t, Block const& block, BlockSink sink) {
            sink(block.select(columns, shared));
        },
        true);
}

void check_columns(Schema const& expected, Block const& block) {
    check(block.schema() == expected, "expected columns {}, got {}", expected.to_text(),
          block.schema().to_text());
}

}  // namespace

Table Table::select(std::vector<std::string> const& names) const {
    std::vector<std::int64_t> columns = schema().indices_of(names);
    Schema narrower = schema().select(columns);
    return select_columns(*this, std::move(columns), std::move(narrower), "select");
}

Table Table::drop(std::vector<std::string> const& names) const {
    std::vector<std::int64_t> const dropped = schema().indices_of(names);
    std::vector<std::int64_t> kept;
    for (std::int64_t i = 0; i < schema().size(); ++i)
        if (std::find(dropped.begin(), dropped.end(), i) == dropped.end()) kept.push_back(i);
    Schema narrower = schema().select(kept);
    return select_columns(*this, std::move(kept), std::move(narrower), "drop");
}

Table Table::rename(std::vector<std::pair<std::string, std::string>> const& names) const {
    std::vector<Field> fields(schema().fields().begin(), schema().fields().end());
    for (auto const& [from, to] : names)
        fields[static_cast<std::size_t>(schema().index_of(from))].name = to;
    std::vector<std::int64_t> all;
    for (std::int64_t i = 0; i < schema().size(); ++i) all.push_back(i);
    return select_columns(*this, std::move(all), Schema(std::move(fields)), "rename");
}

Table Table::map_batches(Schema output, std::function<Block(Block const&)> fn,
                         std::string_view name) const {
    auto const schema = std::make_shared<Schema const>(std::move(output));
    return narrow(
        *this, name, schema,
        [schema, fn = std::move(fn)](std::int64_t, Block const& block, BlockSink sink) {
            Block const made = fn(block);
            check_columns(*schema, made);
            sink(made);
        },
        false);
}

Table Table::union_with(Table const& other) const {
    check(schema() == other.schema(), "union: expected columns {}, got {}", schema().to_text(),
          other.schema().to_text());
    dataset::Plan plan = this->plan().then_anew("union");
    plan.lineage = "(" + this->plan().lineage + ", " + other.plan().lineage + ") | union";
    auto const& more = other.plan();
    plan.runs.insert(plan.runs.end(), more.runs.begin(), more.runs.end());
    plan.stages.insert(plan.stages.end(), more.stages.begin(), more.stages.end());
    return {std::move(plan), shared_schema(), std::make_shared<UnionSource>(*this, other)};
}

}  // namespace partita::frame
