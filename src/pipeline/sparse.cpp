#include "partita/pipeline/sparse.hpp"

#include "pipeline/score_columns.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"

#include <algorithm>

namespace partita::pipeline {

namespace {

constexpr std::int64_t block_bytes = 256 << 10;

class SparseScores final : public frame::BlockSource {
  public:
    SparseScores(SavedModel const& model, std::string const& path,
                 SparseScoreOptions const& options)
        : model_(model), columns_(model, options.extra), file_(path) {
        std::int64_t const features = std::ssize(model.recipe.features);
        check(model.recipe.feature_names() == sparse_recipe(features).feature_names() &&
                  model.scale.empty(),
              "{}: expected a model that was trained on a LIBSVM file, got one of named columns",
              path);
        partition_bytes_ = std::max<std::int64_t>(1, options.partition_bytes);
        std::vector<frame::Field> fields{{"label", frame::Type::float64}};
        fields.insert(fields.end(), columns_.fields().begin(), columns_.fields().end());
        schema_ = std::make_shared<frame::Schema const>(std::move(fields));
    }

    std::shared_ptr<frame::Schema const> const& schema() const { return schema_; }
    std::int64_t partitions() const {
        std::int64_t const bytes = file_.end() - file_.begin();
        return std::max<std::int64_t>(1, (bytes + partition_bytes_ - 1) / partition_bytes_);
    }

    void run(std::int64_t partition, frame::BlockSink sink) const override {
        std::int64_t const first = file_.begin() + partition * partition_bytes_;
        std::int64_t const last = std::min(first + partition_bytes_, file_.end());
        for (std::int64_t at = first; at < last; at += block_bytes) {
            format::LibsvmRows rows;
            file_.read(at, std::min(at + block_bytes, last), rows);
            if (rows.rows() > 0) sink(scored(rows));
        }
    }

  private:
    frame::Block scored(format::LibsvmRows const& rows) const {
        std::int64_t const features = model_.predictor->features();
        check(rows.width <= features, "{}: expected indices of at most {} features, got {}",
              file_.path(), features, rows.width);
        std::vector<double> value(rows.labels.size());
        std::vector<double> extra(rows.labels.size() *
                                  static_cast<std::size_t>(columns_.extra_width()));
        model_.predictor->predict_sparse(
            {rows.starts, rows.columns.data(), rows.values.data(), features}, value.data(),
            extra.empty() ? nullptr : extra.data());
        frame::ColumnBuilder labels(frame::Type::float64);
        for (double const label : rows.labels) labels.append(label);
        std::vector<frame::Column> columns{labels.finish()};
        for (frame::Column& column : columns_.columns(value, extra))
            columns.push_back(std::move(column));
        return {schema_, std::move(columns), rows.rows()};
    }

    SavedModel model_;
    ScoreColumns columns_;
    format::LibsvmFile file_;
    std::int64_t partition_bytes_ = 0;
    std::shared_ptr<frame::Schema const> schema_;
};

}  // namespace

Recipe sparse_recipe(std::int64_t features) {
    Recipe recipe;
    recipe.label = "label";
    for (std::int64_t j = 1; j <= features; ++j)
        recipe.features.push_back({{{std::to_string(j), std::nullopt}}});
    return recipe;
}

frame::Table score_libsvm(SavedModel const& model, dataset::Context const& context,
                          std::string const& path, SparseScoreOptions const& options) {
    auto const source = collectively(context.comm(), "", [&] {
        return std::make_shared<SparseScores const>(model, path, options);
    });
    return {dataset::Plan{context, {source->partitions()}, {}, "read_libsvm", {}}, source->schema(),
            source};
}

}  // namespace partita::pipeline
