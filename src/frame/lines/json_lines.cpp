#include "partita/frame/json_lines.hpp"

#include "frame/lines/json_row.hpp"
#include "frame/lines/line_table.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/dataset/gather.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <unordered_map>

namespace partita::frame {

namespace {

using lines::KeyFacts;

class JsonSource final : public BlockSource {
  public:
    JsonSource(std::shared_ptr<dataset::LineBlocks const> blocks,
               std::shared_ptr<Schema const> file, std::vector<std::int64_t> columns,
               bool ignore_other_keys)
        : blocks_(std::move(blocks)),
          file_(std::move(file)),
          columns_(std::move(columns)),
          ignore_other_keys_(ignore_other_keys) {}

    void run(std::int64_t partition, BlockSink sink) const override {
        constexpr std::int64_t block_rows = 4096;
        auto const schema = std::make_shared<Schema const>(file_->select(columns_));
        lines::LineSource(
            blocks_,
            [&] {
                return lines::make_json_rows(schema, ignore_other_keys_ ? nullptr : file_.get());
            },
            block_rows)
            .run(partition, sink);
    }
    std::shared_ptr<BlockSource const> select(
        std::span<std::int64_t const> columns) const override {
        std::vector<std::int64_t> fewer;
        for (std::int64_t const column : columns)
            fewer.push_back(columns_[static_cast<std::size_t>(column)]);
        return std::make_shared<JsonSource>(blocks_, file_, std::move(fewer), ignore_other_keys_);
    }

  private:
    std::shared_ptr<dataset::LineBlocks const> blocks_;
    std::shared_ptr<Schema const> file_;
    std::vector<std::int64_t> columns_;
    bool ignore_other_keys_;
};

/// What the sample shows of each key, in the order in which keys appear in it; the same everywhere.
std::vector<KeyFacts> look_at_sample(dataset::Context const& context,
                                     dataset::LineBlocks const& blocks, std::int64_t bytes) {
    constexpr std::int64_t most_places = 64;
    std::int64_t const places = std::min(blocks.partitions(), most_places);
    RowRange const mine = context.local_partitions(places);
    using Packed = std::tuple<std::string, std::uint32_t, std::int64_t>;
    std::vector<Packed> packed;
    collectively(context.comm(), "", [&] {
        for (std::int64_t place = mine.first; place < mine.last; ++place) {
            lines::JsonSample sample;
            std::int64_t left = std::max<std::int64_t>(bytes / places, 1);
            lines::read_lines_until(blocks, share_of(blocks.partitions(), places, place).first,
                                    [&](std::string_view line) {
                                        sample.add(line);
                                        left -= static_cast<std::int64_t>(line.size());
                                        return left > 0;
                                    });
            for (KeyFacts const& key : sample.keys())
                packed.emplace_back(key.name, key.seen, key.length);
        }
    });
    std::vector<KeyFacts> keys;
    std::unordered_map<std::string, std::size_t> known;
    for (auto const& [name, seen, length] : dataset::gather_items(context.comm(), "", packed)) {
        auto const [at, is_new] = known.try_emplace(name, keys.size());
        if (is_new) keys.push_back({name, 0, -1});
        keys[at->second].add(seen, length);
    }
    return keys;
}

Schema schema_for(std::vector<KeyFacts> const& keys, Schema const& given) {
    std::vector<Field> fields;
    for (KeyFacts const& key : keys) {
        auto const at = given.find(key.name);
        fields.push_back(at ? given[*at] : lines::field_for(key));
    }
    Schema const seen(fields);
    for (Field const& field : given.fields())
        if (!seen.find(field.name)) fields.push_back(field);
    return Schema(std::move(fields));
}

}  // namespace

Table read_json_lines(dataset::Context const& context, std::string const& paths,
                      JsonLinesOptions const& options) {
    Schema const given =
        collectively(context.comm(), paths, [&] { return Schema::parse(options.schema); });
    auto blocks = lines::open_lines(context, paths, options.partition_bytes, "read_json_lines");
    auto const keys = look_at_sample(context, *blocks, options.sample_bytes);
    auto const schema = std::make_shared<Schema const>(schema_for(keys, given));
    check_everywhere(schema->size() > 0, "{}: expected JSON objects with keys, got none", paths);
    std::vector<std::int64_t> columns(static_cast<std::size_t>(schema->size()));
    std::iota(columns.begin(), columns.end(), std::int64_t{0});
    std::int64_t const partitions = blocks->partitions();
    auto source = std::make_shared<JsonSource>(std::move(blocks), schema, std::move(columns),
                                               options.ignore_other_keys);
    return {dataset::Plan{context, {partitions}, {}, "read_json_lines", {}}, schema,
            std::move(source)};
}

}  // namespace partita::frame
