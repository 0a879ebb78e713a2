#include "ml/train_step.hpp"

#include "ml/train_sparse.hpp"

#include "partita/comm/all_to_all.hpp"
#include "partita/comm/collectively.hpp"
#include "partita/core/bytes.hpp"
#include "partita/core/error.hpp"
#include "partita/ml/moments.hpp"
#include "partita/obs/log.hpp"
#include "partita/pipeline/load.hpp"

#include <algorithm>
#include <cmath>

namespace partita::cli {

namespace {

pipeline::Formula formula_for(frame::Table const& table, TrainArguments const& arguments) {
    if (!arguments.formula.empty())
        return pipeline::parse_formula(arguments.formula, table.schema().names());
    return pipeline::formula_of(table, arguments.label, split_words(arguments.features));
}

/// Centre and scale each feature to mean 0 and deviation 1, in place; constant ones become 0.
void standardize(Communicator const& comm, pipeline::LoadedRows& rows,
                 pipeline::SavedModel& model) {
    ml::Moments const moments = ml::column_moments(comm, rows.training_set(comm));
    std::vector<double> const deviation = moments.standard_deviation(0);
    std::int64_t const width = rows.x.cols();
    for (std::int64_t j = 0; j < width; ++j) {
        double const s = deviation[static_cast<std::size_t>(j)];
        model.centre.push_back(moments.mean[static_cast<std::size_t>(j)]);
        model.scale.push_back(s > 0 ? 1 / s : 0);
    }
    for (std::int64_t i = 0; i < rows.x.rows(); ++i)
        for (std::int64_t j = 0; j < width; ++j)
            rows.x.row(i)[j] = (rows.x.row(i)[j] - model.centre[static_cast<std::size_t>(j)]) *
                               model.scale[static_cast<std::size_t>(j)];
}

/// All rows on rank 0, none elsewhere.
void move_to_root(Communicator const& comm, pipeline::LoadedRows& rows, std::int64_t memory_bytes) {
    std::int64_t const width = rows.x.cols();
    std::int64_t const bytes =
        comm.all_reduce(rows.x.rows(), Reduce::sum) * (width + 1) * std::int64_t{sizeof(double)};
    check_everywhere(
        bytes <= memory_bytes / 2,
        "--on-root: the rows take {}: expected at most half of a rank's memory, {}; give a "
        "smaller --sample",
        format_bytes(static_cast<double>(bytes)), format_bytes(static_cast<double>(memory_bytes)));
    auto const gather = [&](std::span<double const> values) {
        std::vector<std::int64_t> counts(static_cast<std::size_t>(comm.size()), 0);
        counts[0] = std::ssize(values);
        return all_to_all<double>(comm, values, counts);
    };
    auto const x = gather({rows.x.data(), static_cast<std::size_t>(rows.x.rows() * width)});
    auto const y = gather(rows.y);
    rows.x = ml::RealMatrix(std::ssize(x.items()) / width, width);
    std::copy(x.items().begin(), x.items().end(), rows.x.data());
    rows.y.assign(y.items().begin(), y.items().end());
}

/// Fit on rank 0 alone; the others get its model as text.
Trained fit_on_root(Session const& session, pipeline::LoadedRows& rows,
                    pipeline::Recipe const& recipe, Fit const& fit) {
    Communicator const& world = session.world();
    move_to_root(world, rows, session.memory().per_rank_bytes);
    Trained trained = collectively(world, "", [&] {
        Communicator const self = Communicator::self();
        return world.is_root() ? fit(self, rows.training_set(self), recipe) : Trained{};
    });
    std::string const kind =
        world.broadcast(world.is_root() ? trained.predictor->kind() : std::string());
    std::string const json =
        world.broadcast(world.is_root() ? trained.predictor->to_json() : std::string());
    trained.predictor = ml::read_predictor(kind, json);
    return trained;
}

void print_coefficients(Session const& session, ml::FitSummary const& summary,
                        std::vector<std::string> names, ml::Predictor const& predictor) {
    session.print("{}", predictor.describe(names));
    if (summary.standard_errors.empty()) return;
    if (summary.standard_errors.size() > names.size()) names.push_back("(intercept)");
    std::string table =
        fmt::format("  {:<32} {:>12} {:>10} {:>10}\n", "", "std. error", "statistic", "p");
    for (std::size_t j = 0; j < names.size() && j < summary.standard_errors.size(); ++j)
        table +=
            fmt::format("  {:<32} {:>12.6g} {:>10.4g} {:>10.3g}\n", names[j],
                        summary.standard_errors[j], summary.statistics[j], summary.p_values[j]);
    session.print("{}", table);
}

void print_summary(Session const& session, Trained const& trained,
                   pipeline::SavedModel const& model, std::int64_t dropped) {
    ml::FitSummary const& summary = trained.summary;
    session.field("rows", "{}, {} features{}", format_count(model.rows),
                  model.recipe.features.size(),
                  dropped > 0 ? fmt::format(", {} rows left out", format_count(dropped)) : "");
    session.field("method", "{}{}", summary.method,
                  summary.iterations > 0 ? fmt::format(", {} iterations", summary.iterations) : "");
    for (auto const& [name, value] : trained.results) session.field(name, "{}", value);
    for (std::string const& warning : summary.warnings) obs::warn("{}", warning);
    print_coefficients(session, summary, model.recipe.feature_names(), *model.predictor);
}

}  // namespace

void train_and_save(Session& session, TrainArguments const& arguments, bool classify,
                    Fit const& fit) {
    if (arguments.table.is_libsvm())
        return train_sparse_and_save(session, arguments, classify, fit);
    Communicator const& world = session.world();
    session.check_output(arguments.out);
    frame::Table const table = open_table(session, arguments.table);
    pipeline::SavedModel model;
    pipeline::Formula const formula =
        collectively(world, "", [&] { return formula_for(table, arguments); });
    model.recipe = pipeline::fit_recipe(table, formula);
    model.trained_on = arguments.table.path;
    pipeline::RowFilter const filter =
        arguments.sample > 0
            ? pipeline::sample_filter(table.rows(), arguments.sample, session.seed())
            : pipeline::RowFilter();
    pipeline::LoadedRows rows =
        pipeline::load_rows(table, model.recipe, arguments.table.null_policy(), filter);
    if (classify) pipeline::number_classes(world, rows, model.recipe);
    model.rows = world.all_reduce(rows.x.rows(), Reduce::sum);
    if (arguments.scale) standardize(world, rows, model);
    Trained const trained = arguments.on_root ? fit_on_root(session, rows, model.recipe, fit)
                                              : fit(world, rows.training_set(world), model.recipe);
    save_and_print(session, arguments, trained, model, rows.dropped);
}

void save_and_print(Session& session, TrainArguments const& arguments, Trained const& trained,
                    pipeline::SavedModel& model, std::int64_t dropped) {
    Communicator const& world = session.world();
    model.predictor = trained.predictor;
    collectively(world, "", [&] {
        if (world.is_root()) pipeline::save_model(model, arguments.out, session.overwrite());
    });
    print_summary(session, trained, model, dropped);
    session.finish(model.rows, "rows", arguments.out);
}

}  // namespace partita::cli
