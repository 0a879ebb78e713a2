#include "frame/csv/columns.hpp"
#include "frame/csv/index.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/dataset/gather.hpp"
#include "partita/frame/column_builder.hpp"

#include <algorithm>
#include <numeric>

namespace partita::frame {

namespace csv {

namespace {

/// What all partitions of a read share.
struct Files {
    FileIndex index;
    FieldRules rules;
    std::int64_t block_bytes = 0;
    bool name_files = false;  ///< A column behind the files' own holds their names.

    std::int64_t columns() const {
        return static_cast<std::int64_t>(index.dialects.front().names.size());
    }
    /// The name of a partition's file, for each row.
    Column file_names(std::int64_t partition, std::int64_t rows) const {
        RowSpan const& span = index.spans[static_cast<std::size_t>(partition)];
        std::string const& path = index.files[static_cast<std::size_t>(span.file)];
        ColumnBuilder names(Type::text);
        for (std::int64_t row = 0; row < rows; ++row)
            names.append_text(std::string_view(path).substr(path.rfind('/') + 1));
        return names.finish();
    }

    RowReader reader(std::int64_t partition, std::int64_t bytes_per_block) const {
        RowSpan const& span = index.spans[static_cast<std::size_t>(partition)];
        auto const file = static_cast<std::size_t>(span.file);
        return {index.files[file], index.dialects[file], index.any_quotes, span.first,
                span.last,         bytes_per_block};
    }
};

class CsvSource final : public BlockSource {
  public:
    CsvSource(std::shared_ptr<Files const> files, Schema schema, std::vector<std::int64_t> columns)
        : files_(std::move(files)),
          schema_(std::make_shared<Schema const>(std::move(schema))),
          columns_(std::move(columns)) {}

    void run(std::int64_t partition, BlockSink sink) const override {
        RowReader reader = files_->reader(partition, files_->block_bytes);
        for (Rows rows; reader.next(rows);) sink(parse(reader, rows, partition));
    }

    std::shared_ptr<BlockSource const> select(
        std::span<std::int64_t const> columns) const override {
        std::vector<std::int64_t> fewer;
        for (std::int64_t const column : columns)
            fewer.push_back(columns_[static_cast<std::size_t>(column)]);
        return std::make_shared<CsvSource>(files_, schema_->select(columns), std::move(fewer));
    }

  private:
    Block parse(RowReader const& reader, Rows const& rows, std::int64_t partition) const {
        std::vector<Column> columns;
        columns.reserve(columns_.size());
        BadField first;
        std::int64_t first_column = 0;
        for (std::int64_t i = 0; i < schema_->size(); ++i) {
            BadField bad;
            std::int64_t const column = columns_[static_cast<std::size_t>(i)];
            if (column == files_->columns()) {
                columns.push_back(files_->file_names(partition, rows.rows()));
                continue;
            }
            columns.push_back(parse_column(rows, column, (*schema_)[i], files_->rules, bad));
            if (bad.row < 0 || (first.row >= 0 && first.row <= bad.row)) continue;
            first = bad;
            first_column = i;
        }
        if (first.row >= 0) fail_bad_field(reader.place_of(first.row), first_column, first);
        return {schema_, std::move(columns), rows.rows()};
    }

    [[noreturn]] void fail_bad_field(Place const& place, std::int64_t column,
                                     BadField const& bad) const {
        Field const& field = (*schema_)[column];
        constexpr std::size_t most_shown = 60;
        std::string shown;
        for (char const c : bad.text.substr(0, most_shown))
            shown += c == '\n' ? "\\n" : c == '\r' ? "\\r" : std::string(1, c);
        fail("{}, column '{}': expected {}, got \"{}\"{}", place.text(), field.name,
             bad.wanted.empty() ? type_text(field) : bad.wanted, shown,
             bad.text.size() > most_shown ? "..." : "");
    }

    std::shared_ptr<Files const> files_;
    std::shared_ptr<Schema const> schema_;
    std::vector<std::int64_t> columns_;  ///< Of the file.
};

constexpr std::int64_t most_sampled_partitions = 64;

/// What each column's fields look like in the sample's part of a partition.
std::vector<std::uint32_t> look_at(Files const& files, std::int64_t partition,
                                   std::int64_t sample_bytes) {
    std::vector<std::uint32_t> seen(files.index.dialects.front().names.size(), 0);
    RowReader reader = files.reader(partition, std::min(files.block_bytes, sample_bytes));
    std::int64_t looked_at = 0;
    for (Rows rows; looked_at < sample_bytes && reader.next(rows);) {
        for (std::size_t c = 0; c < seen.size(); ++c)
            seen[c] |= look_at_column(rows, static_cast<std::int64_t>(c), files.rules);
        looked_at += rows.ends()[rows.rows() * rows.columns() - 1];
    }
    return seen;
}

std::vector<Type> infer_types(dataset::Context const& context, Files const& files,
                              std::int64_t sample_bytes) {
    auto const partitions = static_cast<std::int64_t>(files.index.spans.size());
    std::int64_t const sampled = std::min(partitions, most_sampled_partitions);
    std::int64_t const each = std::max<std::int64_t>(sample_bytes / sampled, 1);
    RowRange const mine = context.local_partitions(sampled);
    std::vector<std::vector<std::uint32_t>> seen(static_cast<std::size_t>(mine.size()));
    collectively(context.comm(), "", [&] {
        context.parallel_for(mine, [&](std::int64_t i) {
            seen[static_cast<std::size_t>(i - mine.first)] =
                look_at(files, share_of(partitions, sampled, i).first, each);
        });
    });
    std::size_t const columns = files.index.dialects.front().names.size();
    std::vector<std::uint32_t> mine_all(columns, 0);
    for (auto const& part : seen)
        for (std::size_t c = 0; c < columns; ++c) mine_all[c] |= part[c];
    auto const all = context.comm().all_gather_varying(std::span<std::uint32_t const>(mine_all));
    std::vector<Type> types;
    for (std::size_t c = 0; c < columns; ++c) {
        std::uint32_t joined = 0;
        for (std::size_t at = c; at < all.size(); at += columns) joined |= all[at];
        types.push_back(type_for(joined));
    }
    return types;
}

Schema find_schema(dataset::Context const& context, Files const& files, CsvOptions const& options) {
    Schema const given = Schema::parse(options.schema);
    std::vector<Field> fields;
    for (std::string const& name : files.index.dialects.front().names)
        fields.push_back({name, Type::text});
    Schema const names(fields);
    for (Field const& field : given.fields()) names.index_of(field.name);
    if (given.size() < names.size()) {
        std::vector<Type> const types = infer_types(context, files, options.sample_bytes);
        for (std::size_t c = 0; c < fields.size(); ++c) fields[c].type = types[c];
    }
    for (Field const& field : given.fields())
        fields[static_cast<std::size_t>(names.index_of(field.name))] = field;
    if (files.name_files) fields.push_back({options.file_column, Type::text});
    return Schema(std::move(fields));
}

}  // namespace

}  // namespace csv

Table read_csv(dataset::Context const& context, std::string const& paths,
               CsvOptions const& options) {
    auto files = std::make_shared<csv::Files>();
    files->index = csv::index_files(context, paths, options);
    files->rules = {!options.ignore_quotes && files->index.any_quotes, options.nulls};
    files->name_files = !options.file_column.empty();
    files->block_bytes = std::min(options.block_bytes, context.memory().working_limit() / 8);
    Schema schema = [&] {
        try {
            return csv::find_schema(context, *files, options);
        } catch (CollectiveError const&) {
            throw;
        } catch (Error const& error) {  // the same on every rank: a function of what all know
            throw CollectiveError(files->index.files.front() + ": " + error.what());
        }
    }();
    std::optional<std::vector<std::int64_t>> counts;
    if (files->index.rows_known) {
        counts.emplace();
        for (csv::RowSpan const& span : files->index.spans) counts->push_back(span.rows);
    }
    auto const partitions = static_cast<std::int64_t>(files->index.spans.size());
    std::vector<std::int64_t> columns(static_cast<std::size_t>(schema.size()));
    std::iota(columns.begin(), columns.end(), std::int64_t{0});
    auto const shared = std::make_shared<Schema const>(schema);
    auto source =
        std::make_shared<csv::CsvSource>(std::move(files), std::move(schema), std::move(columns));
    return {dataset::Plan{context, {partitions}, {}, "read_csv", {}}, shared, std::move(source),
            std::move(counts)};
}

}  // namespace partita::frame
