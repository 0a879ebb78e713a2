#include "partita/pipeline/sparse.hpp"

#include "pipeline/score_columns.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/ml/class_labels.hpp"

#include <algorithm>

namespace partita::pipeline {

namespace {

constexpr std::int64_t block_bytes = 256 << 10;

class SparseScores final : public frame::BlockSource {
  public:
    SparseScores(SavedModel const& model, std::string const& path,
                 SparseScoreOptions const& options)
        : model_(checked(model, path)),
          columns_(model.recipe, model.predictor->prediction(), model.predictor->classes(),
                   options.extra),
          file_(path) {
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
    static SavedModel const& checked(SavedModel const& model, std::string const& path) {
        check_takes_libsvm(model, path);
        return model;
    }

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

/// Labels other than 0, 1, ... become places in the list that the recipe has, or gets.
void number_classes(Communicator const& comm, ml::SparseTrainingSet& set, Recipe& recipe) {
    constexpr std::int64_t most_classes = 1000;
    std::vector<double>& all = recipe.label_numbers;
    if (all.empty()) {
        all = ml::distinct_labels(comm, set.labels(), most_classes, recipe.label);
        bool const numbered =
            all.empty() || all == std::vector<double>{1} ||
            (all.front() == 0 && all.back() == static_cast<double>(all.size() - 1));
        if (numbered) return all.clear();
    }
    std::vector<double> places;
    collectively(comm, "", [&] {
        for (double const label : set.labels()) {
            auto const at = std::lower_bound(all.begin(), all.end(), label);
            check(at != all.end() && *at == label,
                  "label: expected one of the classes that the model knows, got {}", label);
            places.push_back(static_cast<double>(at - all.begin()));
        }
    });
    set.set_labels(std::move(places));
}

}  // namespace

std::shared_ptr<ml::SparseTrainingSet const> load_libsvm(Communicator const& comm,
                                                         std::string const& path, Recipe& recipe,
                                                         bool classify) {
    auto set = std::make_shared<ml::SparseTrainingSet>(comm, ml::read_libsvm(comm, path),
                                                       std::ssize(recipe.features));
    if (recipe.features.empty()) recipe = sparse_recipe(set->features());
    if (classify || !recipe.label_numbers.empty()) number_classes(comm, *set, recipe);
    return set;
}

void check_takes_libsvm(SavedModel const& model, std::string const& path) {
    std::int64_t const features = std::ssize(model.recipe.features);
    check(model.recipe.feature_names() == sparse_recipe(features).feature_names() &&
              model.scale.empty() && model.predictor,
          "{}: expected a model that was trained on a LIBSVM file, got one of named columns", path);
}

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
