#include "partita/frame/libsvm.hpp"

#include "frame/lines/line_table.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/format/libsvm_file.hpp"
#include "partita/frame/column_builder.hpp"

#include <algorithm>
#include <vector>

namespace partita::frame {

namespace {

format::LibsvmRows parse(std::string_view line) {
    format::LibsvmRows rows;
    try {
        format::append_libsvm_row(line, rows);
    } catch (Error const& error) {
        fail(": {}", error.what());
    }
    return rows;
}

class DenseRows final : public lines::RowBuilder {
  public:
    explicit DenseRows(std::shared_ptr<Schema const> schema)
        : schema_(std::move(schema)),
          labels_(Type::float64),
          features_((*schema_)[1]),
          row_(static_cast<std::size_t>((*schema_)[1].width)) {}

    void add(std::string_view line) override {
        format::LibsvmRows const parsed = parse(line);
        if (parsed.rows() == 0) return;  // a comment
        check(parsed.width <= features_.width(), ": expected an index of at most {}, got {}",
              features_.width(), parsed.width);
        std::fill(row_.begin(), row_.end(), 0.0f);
        for (std::size_t i = 0; i < parsed.columns.size(); ++i)
            row_[static_cast<std::size_t>(parsed.columns[i])] =
                static_cast<float>(parsed.values[i]);
        labels_.append(parsed.labels.front());
        features_.append_vector(row_);
    }
    std::int64_t rows() const override { return labels_.size(); }
    Block take() override {
        std::int64_t const rows = labels_.size();
        return {schema_, {labels_.finish(), features_.finish()}, rows};
    }

  private:
    std::shared_ptr<Schema const> schema_;
    ColumnBuilder labels_, features_;
    std::vector<float> row_;
};

/// The largest index of all files. Collective.
std::int64_t largest_index(dataset::Context const& context, dataset::LineBlocks const& lines) {
    RowRange const mine = context.local_partitions(lines.partitions());
    std::vector<std::int64_t> largest(static_cast<std::size_t>(mine.size()), 0);
    collectively(context.comm(), "", [&] {
        context.parallel_for(mine, [&](std::int64_t partition) {
            std::int64_t& most = largest[static_cast<std::size_t>(partition - mine.first)];
            lines::read_lines_until(lines, partition, [&](std::string_view line) {
                most = std::max(most, parse(line).width);
                return true;
            });
        });
    });
    std::int64_t most = 0;
    for (std::int64_t const one : largest) most = std::max(most, one);
    return context.comm().all_reduce(most, Reduce::max);
}

}  // namespace

Table read_libsvm(dataset::Context const& context, std::string const& paths,
                  LibsvmOptions const& options) {
    auto const lines = lines::open_lines(context, paths, options.partition_bytes, "read_libsvm");
    std::int64_t const features =
        options.features > 0 ? options.features : largest_index(context, *lines);
    constexpr std::int64_t most_features = 1 << 20;
    check_everywhere(features > 0, "{}: expected index:value pairs, got none", paths);
    check_everywhere(features <= most_features,
                     "{}: expected at most {} features for dense vectors, got {}", paths,
                     most_features, features);
    auto const schema = std::make_shared<Schema const>(
        std::vector<Field>{{"label", Type::float64}, {"features", Type::vector, features}});
    constexpr std::int64_t block_bytes = 256 << 10;
    std::int64_t const block_rows = std::max<std::int64_t>(block_bytes / (4 * features), 1);
    auto source = std::make_shared<lines::LineSource>(
        lines, [schema] { return std::make_unique<DenseRows>(schema); }, block_rows);
    return {dataset::Plan{context, {lines->partitions()}, {}, "read_libsvm", {}}, schema,
            std::move(source)};
}

}  // namespace partita::frame
