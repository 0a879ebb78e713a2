#include "pipeline/row_column.hpp"
#include "pipeline/score_columns.hpp"

#include "partita/core/error.hpp"
#include "partita/pipeline/saved_model.hpp"

#include <algorithm>

namespace partita::pipeline {

namespace {

using frame::Block;
using frame::Field;

class Scorer {
  public:
    Scorer(SavedModel const& model, frame::Table const& table, ScoreOptions const& options)
        : model_(model),
          options_(options),
          columns_(model.recipe, model.predictor->prediction(), model.predictor->classes(),
                   options.extra) {
        frame::Schema const& input = table.schema();
        std::vector<Field> fields;
        for (std::string const& name : options.keep) fields.push_back(input[input.index_of(name)]);
        fields.insert(fields.end(), columns_.fields().begin(), columns_.fields().end());
        output_ = std::make_shared<frame::Schema const>(std::move(fields));
    }

    frame::Schema const& output() const { return *output_; }

    Block operator()(Block const& given) const {
        std::int64_t const first_row =
            given.rows() > 0 ? given.column(row_column).values<std::int64_t>()[0] : 0;
        Block block = with_kept_columns(given);
        for (auto const& stage : model_.stages) block = stage->transform(block);
        Encoder encoder(model_.recipe, block.schema(), options_.nulls);
        std::vector<double> x;
        std::vector<std::uint32_t> const rows = encoder.encode(block, first_row, x);
        scale(x);
        std::vector<double> value(rows.size());
        std::vector<double> extra(rows.size() * static_cast<std::size_t>(columns_.extra_width()));
        model_.predictor->predict({x.data(), std::ssize(rows), encoder.features()}, value.data(),
                                  extra.empty() ? nullptr : extra.data());
        std::vector<frame::Column> columns;
        for (std::string const& name : options_.keep)
            columns.push_back(block.column(kept_name(name)).take(rows));
        for (frame::Column& column : columns_.columns(value, extra))
            columns.push_back(std::move(column));
        return {output_, std::move(columns)};
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

    void scale(std::vector<double>& x) const {
        if (model_.scale.empty()) return;
        std::size_t const width = model_.scale.size();
        for (std::size_t i = 0; i < x.size(); ++i)
            x[i] = (x[i] - model_.centre[i % width]) * model_.scale[i % width];
    }

    SavedModel model_;
    ScoreOptions options_;
    ScoreColumns columns_;
    std::shared_ptr<frame::Schema const> output_;
};

/// The kept columns, then those that the stages make.
frame::Table transformed(SavedModel const& model, frame::Table const& input,
                         ScoreOptions const& options) {
    std::vector<std::string> names = options.keep;
    for (auto const& stage : model.stages) {
        for (Field const& made : stage->outputs()) {
            bool const kept = std::find(options.keep.begin(), options.keep.end(), made.name) !=
                              options.keep.end();
            check(!kept, "column '{}' is changed by the model: expected to keep others", made.name);
            if (std::find(names.begin(), names.end(), made.name) == names.end())
                names.push_back(made.name);
        }
    }
    return transform(input, model.stages).select(names);
}

}  // namespace

frame::Table score(SavedModel const& model, frame::Table const& table,
                   ScoreOptions const& options) {
    std::vector<std::string> columns = model.columns();
    for (std::string const& name : options.keep)
        if (std::find(columns.begin(), columns.end(), name) == columns.end())
            columns.push_back(name);
    if (!model.predictor) return transformed(model, table.select(columns), options);
    frame::Table const input = table.select(columns).with_row_index(row_column);
    frame::Schema prepared = input.schema();
    for (auto const& stage : model.stages) prepared = stage->output_schema(prepared);
    Encoder(model.recipe, prepared, options.nulls);  // refuses what cannot be scored
    Scorer const scorer(model, input, options);
    return input.map_batches(scorer.output(), scorer, "predict");
}

}  // namespace partita::pipeline
