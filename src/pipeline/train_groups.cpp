#include "pipeline/group_fit.hpp"
#include "pipeline/group_keys.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/bytes.hpp"
#include "partita/core/error.hpp"
#include "partita/dataset/dataset.hpp"
#include "partita/frame/column_builder.hpp"
#include "partita/frame/expression.hpp"
#include "partita/frame/wide.hpp"
#include "partita/pipeline/group_models.hpp"
#include "partita/pipeline/learner.hpp"

#include <algorithm>
#include <mutex>
#include <set>

namespace partita::pipeline {

namespace {

using Row = std::vector<double>;
using KeyedRow = std::pair<std::string, Row>;

/// Enough for the ranks and threads of a large job; fixed, as what sorts models must not matter.
constexpr std::int64_t partitions = 1024;

/// Blocks that lie in memory, one a partition.
class BlocksInMemory : public frame::BlockSource {
  public:
    BlocksInMemory(std::int64_t first, std::vector<frame::Block> blocks)
        : first_(first), blocks_(std::move(blocks)) {}
    void run(std::int64_t partition, frame::BlockSink sink) const override {
        frame::Block const& block = blocks_[static_cast<std::size_t>(partition - first_)];
        if (block.rows() > 0) sink(block);
    }

  private:
    std::int64_t first_;
    std::vector<frame::Block> blocks_;
};

/// The numbers that a label column holds, ascending: at most three, for two are allowed.
std::vector<double> label_numbers(frame::Table const& table, std::string const& label) {
    std::set<double> found;
    std::mutex mutex;
    table.select({label})
        .cast(label, frame::Type::float64)
        .for_each_block("find classes", [&](std::int64_t, frame::Block const& block) {
            std::set<double> mine;
            double const* const values = block.column(0).values<double>();
            for (std::int64_t i = 0; i < block.rows() && mine.size() < 3; ++i)
                if (!block.column(0).is_null(i) && values[i] == values[i]) mine.insert(values[i]);
            std::lock_guard const lock(mutex);
            found.insert(mine.begin(), mine.end());
        });
    std::vector<double> const local(found.begin(), found.end());
    for (double const value :
         table.context().comm().all_gather_varying(std::span<double const>(local)))
        found.insert(value);
    return {found.begin(), found.end()};
}

void find_classes(frame::Table const& table, Recipe& recipe) {
    if (recipe.label_levels.empty()) {
        std::vector<double> const numbers = label_numbers(table, recipe.label);
        bool const counted =
            std::all_of(numbers.begin(), numbers.end(), [](double x) { return x == 0 || x == 1; });
        if (!counted) recipe.label_numbers = numbers;
    }
    std::size_t const classes = std::max(recipe.label_levels.size(), recipe.label_numbers.size());
    check_everywhere(classes <= 2,
                     "column '{}': expected two classes for models of groups, got more",
                     recipe.label);
}

class GroupTrainer {
  public:
    GroupTrainer(frame::Table const& table, Recipe const& recipe, GroupTraining const& training)
        : table_(table),
          recipe_(recipe),
          training_(training),
          width_(std::ssize(recipe.features) + 1),
          fitter_(Communicator::self(), training.kind, training.params, recipe.intercept,
                  training.least_rows) {
        std::vector<frame::Field> fields;
        for (std::string const& key : training.by)
            fields.push_back(table.schema()[table.schema().index_of(key)]);
        fields.push_back({"rows", frame::Type::int64});
        fields.push_back({"status", frame::Type::text});
        fields.push_back({"intercept", frame::Type::float64});
        for (std::string const& name : recipe.feature_names())
            fields.push_back({"coefficient_" + name, frame::Type::float64});
        schema_ = std::make_shared<frame::Schema const>(std::move(fields));
    }

    /// Collective.
    frame::Table run() const;

  private:
    /// (key, features and label) for each row that has them.
    auto keyed_rows() const {
        std::vector<std::string> columns = recipe_.columns();
        for (std::string const& name : {recipe_.label})
            if (std::find(columns.begin(), columns.end(), name) == columns.end())
                columns.push_back(name);
        for (std::string const& name : training_.by)
            if (std::find(columns.begin(), columns.end(), name) == columns.end())
                columns.push_back(name);
        frame::Table const rows = table_.select(columns).with_row_index("partita row");
        auto const push = [source = rows.source(), schema = rows.schema(), recipe = recipe_,
                           nulls = training_.nulls, by = training_.by,
                           width = width_](std::int64_t partition, auto&& sink) {
            Encoder encoder(recipe, schema, nulls, true);
            std::vector<double> x, y;
            source->run(partition, [&](frame::Block const& block) {
                if (block.rows() == 0) return;
                std::int64_t const first = block.column("partita row").values<std::int64_t>()[0];
                x.clear();
                y.clear();
                std::vector<std::uint32_t> const kept = encoder.encode(block, first, x);
                encoder.encode_labels(block, kept, first, y);
                GroupKeys keys(block, by);
                for (std::size_t i = 0; i < kept.size(); ++i) {
                    auto const at = x.begin() + static_cast<std::ptrdiff_t>(i) * (width - 1);
                    Row row(at, at + (width - 1));
                    row.push_back(y[i]);
                    sink(KeyedRow(keys.of(kept[i]), std::move(row)));
                }
            });
        };
        return dataset::make_dataset<KeyedRow>(rows.plan().then_anew("encode"), push);
    }

    template <class Groups>
    frame::Block fit_partition(Groups const& groups, std::int64_t partition) const {
        std::vector<frame::ColumnBuilder> builders;
        for (frame::Field const& field : schema_->fields()) builders.emplace_back(field.type);
        std::vector<std::string> keys;
        groups.push()(partition, [&](auto&& group) {
            std::string const key(group.key);
            check_size(key, group.values().size());
            std::vector<double> rows;
            rows.reserve(static_cast<std::size_t>(group.values().size() * width_));
            for (Row const& row : group.values()) rows.insert(rows.end(), row.begin(), row.end());
            append(builders, std::ssize(rows) / width_, fitter_.fit(rows, width_ - 1));
            keys.push_back(key);
        });
        std::vector<frame::Column> columns = key_columns(keys);
        for (std::size_t c = columns.size(); c < builders.size(); ++c)
            columns.push_back(builders[c].finish());
        return frame::Block(schema_, std::move(columns));
    }

    void check_size(std::string const& key, std::int64_t rows) const {
        dataset::Context const& context = table_.context();
        std::int64_t const bytes = saturated_product(rows, 2 * 8 * width_);
        std::int64_t const share = context.memory().working_limit() / context.threads();
        check(bytes <= share,
              "group {}: its {} rows take {} to be fitted: expected at most {}, a thread's share; "
              "give more --memory or fewer --threads",
              shown_group_key(key), format_count(rows), format_bytes(static_cast<double>(bytes)),
              format_bytes(static_cast<double>(share)));
    }

    void append(std::vector<frame::ColumnBuilder>& builders, std::int64_t rows,
                GroupFit const& fit) const {
        std::size_t at = training_.by.size();
        builders[at++].append(rows);
        builders[at++].append_text(fit.status);
        if (!fit.has_model) {
            for (; at < builders.size(); ++at) builders[at].append_null();
            return;
        }
        builders[at++].append(fit.intercept);
        for (double const coefficient : fit.coefficients) builders[at++].append(coefficient);
    }

    std::vector<frame::Column> key_columns(std::vector<std::string> const& keys) const {
        std::vector<frame::ColumnBuilder> texts;
        for (std::size_t c = 0; c < training_.by.size(); ++c) texts.emplace_back(frame::Type::text);
        for (std::string const& key : keys) {
            auto const values = split_group_key(key);
            for (std::size_t c = 0; c < texts.size(); ++c)
                values[c].first ? texts[c].append_text(values[c].second) : texts[c].append_null();
        }
        std::vector<frame::Column> columns;
        for (std::size_t c = 0; c < texts.size(); ++c)
            columns.push_back(
                frame::cast(texts[c].finish(), (*schema_)[static_cast<std::int64_t>(c)].type));
        return columns;
    }

    frame::Table table_;
    Recipe const& recipe_;
    GroupTraining const& training_;
    std::int64_t width_;
    GroupFitter fitter_;
    std::shared_ptr<frame::Schema const> schema_;
};

frame::Table GroupTrainer::run() const {
    auto const groups = keyed_rows().group_by_key(dataset::HashPartitioner(partitions));
    std::vector<frame::Block> const blocks = dataset::run_partitions(
        groups.plan(), "train groups",
        [&](std::int64_t partition) { return fit_partition(groups, partition); });
    dataset::Context const& context = table_.context();
    auto const source =
        std::make_shared<BlocksInMemory>(context.local_partitions(partitions).first, blocks);
    frame::Table const models(dataset::Plan{context, {partitions}, {}, "models", {}}, schema_,
                              source);
    std::vector<frame::SortKey> keys;
    for (std::string const& key : training_.by) keys.push_back({key, false});
    return frame::sort(models, keys).cache();
}

void count(GroupModels& models) {
    std::int64_t groups = 0, few = 0, one = 0, open = 0;
    std::mutex mutex;
    models.models.for_each_block("count models", [&](std::int64_t, frame::Block const& block) {
        frame::Column const& status = block.column("status");
        std::lock_guard const lock(mutex);
        groups += block.rows();
        for (std::int64_t i = 0; i < block.rows(); ++i) {
            few += status.text(i) == "too few rows";
            one += status.text(i) == "one label";
            open += status.text(i) == "not converged";
        }
    });
    Communicator const& comm = models.models.context().comm();
    models.groups = comm.all_reduce(groups, Reduce::sum);
    models.too_few = comm.all_reduce(few, Reduce::sum);
    models.one_label = comm.all_reduce(one, Reduce::sum);
    models.not_converged = comm.all_reduce(open, Reduce::sum);
}

}  // namespace

GroupModels train_groups(frame::Table const& table, Formula const& formula,
                         GroupTraining const& training) {
    check_everywhere(training.kind == "linear" || training.kind == "logistic",
                     "models of groups: expected linear or logistic, got '{}'", training.kind);
    check_everywhere(!training.by.empty(), "models of groups: expected columns to group by");
    check_everywhere(!formula.label.empty(), "models of groups: expected a label");
    Recipe recipe = fit_recipe(table, formula);
    check_everywhere(!recipe.features.empty(), "expected at least one feature, got none");
    if (training.kind == "logistic") find_classes(table, recipe);
    auto const trainer = collectively(table.context().comm(), "", [&] {
        make_learner(training.kind, training.params);  // wrong parameters: before rows travel
        return GroupTrainer(table, recipe, training);
    });
    GroupModels result{training.by, training.kind, recipe, {}, trainer.run()};
    count(result);
    return result;
}

}  // namespace partita::pipeline
