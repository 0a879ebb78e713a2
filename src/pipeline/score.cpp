#include "partita/core/error.hpp"
#include "partita/frame/column_builder.hpp"
#include "partita/pipeline/saved_model.hpp"

#include <algorithm>
#include <cmath>

namespace partita::pipeline {

namespace {

using frame::Block;
using frame::Field;
using frame::Type;

constexpr char row_column[] = "partita row";

class Scorer {
  public:
    Scorer(SavedModel const& model, frame::Table const& table, ScoreOptions const& options)
        : model_(model), options_(options), output_(make_output(table.schema())) {}

    frame::Schema const& output() const { return output_; }

    Block operator()(Block const& given) const {
        std::int64_t const first_row =
            given.rows() > 0 ? given.column(row_column).values<std::int64_t>()[0] : 0;
        Block block = with_kept_columns(given);
        for (auto const& stage : model_.stages) block = stage->transform(block);
        Encoder encoder(model_.recipe, block.schema(), options_.nulls);
        std::vector<double> x;
        std::vector<std::uint32_t> const rows = encoder.encode(block, first_row, x);
        auto const n = std::ssize(rows);
        scale(x);
        std::vector<double> value(rows.size()), extra(rows.size() * extra_width());
        model_.predictor->predict({x.data(), n, encoder.features()}, value.data(),
                                  extra.empty() ? nullptr : extra.data());
        std::vector<frame::Column> columns;
        for (std::string const& name : options_.keep)
            columns.push_back(block.column(kept_name(name)).take(rows));
        columns.push_back(prediction_column(value));
        for (std::size_t e = 0; e < extra_width(); ++e) {
            frame::ColumnBuilder builder(Type::float64);
            for (std::int64_t i = 0; i < n; ++i)
                builder.append(extra[static_cast<std::size_t>(i) * extra_width() + e]);
            columns.push_back(builder.finish());
        }
        return Block(output_, std::move(columns));
    }

  private:
    /// Stages may change a column that is to be kept as it is, and leave out rows.
    std::string kept_name(std::string const& name) const {
        return model_.stages.empty() ? name : "partita kept " + name;
    }

    Block with_kept_columns(Block const& block) const {
        if (model_.stages.empty()) return block;
        std::vector<Field> fields(block.schema().fields().begin(), block.schema().fields().end());
        std::vector<frame::Column> columns(block.columns().begin(), block.columns().end());
        for (std::string const& name : options_.keep) {
            std::int64_t const at = block.schema().index_of(name);
            fields.push_back({kept_name(name), block.schema()[at].type});
            columns.push_back(block.column(at));
        }
        return Block(frame::Schema(std::move(fields)), std::move(columns));
    }

    bool predicts_texts() const { return !model_.recipe.label_levels.empty() && is_class(); }
    bool is_class() const { return model_.predictor->prediction() == ml::PredictionKind::classes; }

    std::size_t extra_width() const {
        if (!options_.extra) return 0;
        switch (model_.predictor->prediction()) {
            case ml::PredictionKind::value:
                return 0;
            case ml::PredictionKind::cluster:
                return 1;
            case ml::PredictionKind::classes:
                return static_cast<std::size_t>(model_.predictor->classes());
        }
        return 0;
    }

    frame::Schema make_output(frame::Schema const& input) const {
        std::vector<Field> fields;
        for (std::string const& name : options_.keep) fields.push_back(input[input.index_of(name)]);
        std::vector<double> const& labels = model_.recipe.label_numbers;
        bool const number =
            model_.predictor->prediction() == ml::PredictionKind::value ||
            std::any_of(labels.begin(), labels.end(), [](double x) { return x != std::floor(x); });
        fields.push_back({"prediction", predicts_texts() ? Type::text
                                        : number         ? Type::float64
                                                         : Type::int64});
        if (extra_width() > 0 && !is_class()) fields.push_back({"distance", Type::float64});
        if (extra_width() > 0 && is_class())
            for (std::string const& name : model_.class_names())
                fields.push_back({"probability_" + name, Type::float64});
        return frame::Schema(std::move(fields));
    }

    void scale(std::vector<double>& x) const {
        if (model_.scale.empty()) return;
        std::size_t const width = model_.scale.size();
        for (std::size_t i = 0; i < x.size(); ++i)
            x[i] = (x[i] - model_.centre[i % width]) * model_.scale[i % width];
    }

    frame::Column prediction_column(std::vector<double> const& value) const {
        Type const type = output_[std::ssize(options_.keep)].type;
        frame::ColumnBuilder builder(type);
        std::vector<double> const& labels = model_.recipe.label_numbers;
        for (double const predicted : value) {
            double const v =
                labels.empty() ? predicted : labels[static_cast<std::size_t>(predicted)];
            if (type == Type::text)
                builder.append_text(model_.recipe.label_levels[static_cast<std::size_t>(v)]);
            else if (type == Type::int64)
                builder.append(static_cast<std::int64_t>(v));
            else
                builder.append(v);
        }
        return builder.finish();
    }

    SavedModel model_;
    ScoreOptions options_;
    frame::Schema output_;
};

}  // namespace

frame::Table score(SavedModel const& model, frame::Table const& table,
                   ScoreOptions const& options) {
    std::vector<std::string> columns = model.columns();
    for (std::string const& name : options.keep)
        if (std::find(columns.begin(), columns.end(), name) == columns.end())
            columns.push_back(name);
    frame::Table const input = table.select(columns).with_row_index(row_column);
    frame::Schema prepared = input.schema();
    for (auto const& stage : model.stages) prepared = stage->output_schema(prepared);
    Encoder(model.recipe, prepared, options.nulls);  // refuses what cannot be scored
    Scorer const scorer(model, input, options);
    return input.map_batches(scorer.output(), scorer, "predict");
}

}  // namespace partita::pipeline
