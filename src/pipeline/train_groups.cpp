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
#include <cmath>
#include <iterator>
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

/// What a label column of numbers holds.
struct LabelNumbers {
    std::set<double> found;  ///< Up to one too many.
    bool fractions = false;
};

constexpr std::size_t most_classes = 1000;

LabelNumbers label_numbers(frame::Table const& table, std::string const& label) {
    LabelNumbers all;
    std::mutex mutex;
    table.select({label})
        .cast(label, frame::Type::float64)
        .for_each_block("find classes", [&](std::int64_t, frame::Block const& block) {
            LabelNumbers mine;
            double const* const values = block.column(0).values<double>();
            for (std::int64_t i = 0; i < block.rows(); ++i) {
                if (block.column(0).is_null(i) || !std::isfinite(values[i])) continue;
                mine.fractions = mine.fractions || values[i] != std::floor(values[i]);
                if (mine.found.size() <= most_classes) mine.found.insert(values[i]);
            }
            std::lock_guard const lock(mutex);
            all.fractions = all.fractions || mine.fractions;
            all.found.insert(mine.found.begin(), mine.found.end());
            while (all.found.size() > most_classes + 1) all.found.erase(std::prev(all.found.end()));
        });
    std::vector<double> const local(all.found.begin(), all.found.end());
    Communicator const& comm = table.context().comm();
    for (double const value : comm.all_gather_varying(std::span<double const>(local)))
        all.found.insert(value);
    all.fractions = comm.all_reduce(all.fractions ? 1 : 0, Reduce::max) == 1;
    return all;
}

/// Settle what trees predict, and list the classes. Returns their number, 0 for values. Collective.
std::int64_t find_classes(frame::Table const& table, GroupTraining& training, Recipe& recipe) {
    Communicator const& comm = table.context().comm();
    auto const learner =
        collectively(comm, "", [&] { return make_learner(training.kind, training.params); });
    bool const open = knows_tasks(training.kind) && training.params.text("task", "auto") == "auto";
    if (!learner->needs_label() || (!learner->classifies() && !open)) return 0;
    if (!recipe.label_levels.empty()) {
        if (open) training.params.set("task", "classification");
        return std::max<std::int64_t>(2, recipe.classes());
    }
    LabelNumbers const labels = label_numbers(table, recipe.label);
    std::vector<double> const numbers(labels.found.begin(), labels.found.end());
    bool const two =
        std::all_of(numbers.begin(), numbers.end(), [](double x) { return x == 0 || x == 1; });
    check_everywhere(!open || labels.fractions || two,
                     "label '{}' holds whole numbers from {} to {}: expected task classification "
                     "or regression",
                     recipe.label, numbers.empty() ? 0 : numbers.front(),
                     numbers.empty() ? 0 : numbers.back());
    if (open) training.params.set("task", labels.fractions ? "regression" : "classification");
    if (open && labels.fractions) return 0;
    check_everywhere(numbers.size() <= most_classes,
                     "column '{}': expected at most {} classes, got more different numbers",
                     recipe.label, most_classes);
    if (two) return 2;
    bool const counted = !labels.fractions && numbers.front() == 0 &&
                         numbers.back() == static_cast<double>(numbers.size() - 1);
    if (!counted) recipe.label_numbers = numbers;
    return std::max<std::int64_t>(2, std::ssize(numbers));
}

class GroupTrainer {
  public:
    GroupTrainer(frame::Table const& table, GroupModels const& models,
                 GroupTraining const& training)
        : table_(table),
          models_(models),
          recipe_(models.recipe),
          training_(training),
          width_(std::ssize(recipe_.features) + !recipe_.label.empty()),
          fitter_(Communicator::self(), training.kind, training.params,
                  {recipe_.intercept, training.seed, 1, models.classes}, training.least_rows) {
        std::vector<frame::Field> fields;
        for (std::string const& key : training.by)
            fields.push_back(table.schema()[table.schema().index_of(key)]);
        fields.push_back({"rows", frame::Type::int64});
        fields.push_back({"status", frame::Type::text});
        if (models.has_coefficients()) {
            fields.push_back({"intercept", frame::Type::float64});
            for (std::string const& name : recipe_.feature_names())
                fields.push_back({"coefficient_" + name, frame::Type::float64});
        } else {
            fields.push_back({"model", frame::Type::text});
        }
        schema_ = std::make_shared<frame::Schema const>(std::move(fields));
    }

    /// Collective.
    frame::Table run() const;

  private:
    /// (key, features and label) for each row that has them.
    auto keyed_rows() const {
        std::vector<std::string> columns = recipe_.columns();
        for (std::string const& name : {recipe_.label})
            if (!name.empty() && std::find(columns.begin(), columns.end(), name) == columns.end())
                columns.push_back(name);
        for (std::string const& name : training_.by)
            if (std::find(columns.begin(), columns.end(), name) == columns.end())
                columns.push_back(name);
        frame::Table const rows = table_.select(columns).with_row_index("partita row");
        auto const push = [source = rows.source(), schema = rows.schema(), recipe = recipe_,
                           nulls = training_.nulls,
                           by = training_.by](std::int64_t partition, auto&& sink) {
            bool const labelled = !recipe.label.empty();
            auto const d = std::ssize(recipe.features);
            Encoder encoder(recipe, schema, nulls, labelled);
            std::vector<double> x, y;
            source->run(partition, [&](frame::Block const& block) {
                if (block.rows() == 0) return;
                std::int64_t const first = block.column("partita row").values<std::int64_t>()[0];
                x.clear();
                y.clear();
                std::vector<std::uint32_t> const kept = encoder.encode(block, first, x);
                if (labelled) encoder.encode_labels(block, kept, first, y);
                GroupKeys keys(block, by);
                for (std::size_t i = 0; i < kept.size(); ++i) {
                    auto const at = x.begin() + static_cast<std::ptrdiff_t>(i) * d;
                    Row row(at, at + d);
                    if (labelled) row.push_back(y[i]);
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
            append(builders, std::ssize(rows) / width_,
                   fitter_.fit(rows, std::ssize(recipe_.features)));
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
        if (!fit.predictor) {
            for (; at < builders.size(); ++at) builders[at].append_null();
            return;
        }
        if (!models_.has_coefficients()) {
            builders[at].append_text(fit.predictor->kind() + ' ' + fit.predictor->to_json());
            return;
        }
        ml::LinearModel const model = *fit.predictor->linear_score();
        builders[at++].append(model.intercept);
        for (double const coefficient : model.coefficients) builders[at++].append(coefficient);
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
    GroupModels const& models_;
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
                         GroupTraining const& given) {
    GroupTraining training = given;
    Communicator const& comm = table.context().comm();
    bool const needs_label = collectively(comm, "", [&] {  // wrong parameters: before rows travel
        return make_learner(training.kind, training.params)->needs_label();
    });
    check_everywhere(!training.by.empty(), "models of groups: expected columns to group by");
    check_everywhere(!formula.label.empty() || !needs_label, "models of groups: expected a label");
    GroupModels result{training.by, training.kind, fit_recipe(table, formula), {}, 0, table};
    if (!needs_label) result.recipe.label.clear();
    check_everywhere(!result.recipe.features.empty(), "expected at least one feature, got none");
    result.classes = find_classes(table, training, result.recipe);
    auto const trainer =
        collectively(comm, "", [&] { return GroupTrainer(table, result, training); });
    result.models = trainer.run();
    count(result);
    return result;
}

}  // namespace partita::pipeline
