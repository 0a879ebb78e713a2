#include "ml/train_step.hpp"

#include "ml/print_model.hpp"
#include "ml/train_sparse.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/bytes.hpp"
#include "partita/core/error.hpp"
#include "partita/ml/set_views.hpp"
#include "partita/obs/log.hpp"
#include "partita/pipeline/class_weights.hpp"
#include "partita/pipeline/load.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace partita::cli {

namespace {

void print_summary(Session const& session, pipeline::SavedModel const& model,
                   std::int64_t dropped) {
    session.field("rows", "{}, {} features{}", format_count(model.rows),
                  model.recipe.features.size(),
                  dropped > 0 ? fmt::format(", {} rows left out", format_count(dropped)) : "");
    for (std::string const& warning : model.summary.warnings) obs::warn("{}", warning);
    print_model(session, model);
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
    pipeline::Formula formula =
        collectively(world, "", [&] { return formula_for(table, arguments); });
    model.stages = fit_stages(table, arguments.stages, formula);
    frame::Table const prepared = pipeline::transform(table, model.stages);
    model.recipe = pipeline::fit_recipe(prepared, formula);
    model.trained_on = arguments.table.path;
    pipeline::LoadOptions load;
    load.nulls = arguments.table.null_policy();
    load.classify = classify || !arguments.class_weights.empty();
    load.weights = arguments.weights;
    if (arguments.sample > 0)
        load.filter = pipeline::sample_filter(table.rows(), arguments.sample, session.seed());
    pipeline::LoadedRows const rows = pipeline::load_rows(prepared, model.recipe, load);
    model.rows = rows.rows();
    if (rows.in_scratch)
        session.field("memory", "features lie in {}: they do not fit the memory given",
                      session.scratch());
    std::shared_ptr<ml::TrainingSet const> set = rows.set, unscaled;
    if (!arguments.class_weights.empty())
        set = pipeline::with_class_weights(world, set, model.recipe, arguments.class_weights);
    if (arguments.scale) {
        ml::Standardization const scaling =
            ml::standardization_of(world, *set, 0, session.threads());
        model.centre = scaling.centre;
        model.scale = scaling.scale;
        unscaled = std::exchange(
            set, std::make_shared<ml::ScaledSet>(*set, scaling.centre, scaling.scale));
    }
    auto const fit_rows = [&](Communicator const& comm, ml::TrainingSet const& training) {
        return fit(comm, training, model.recipe);
    };
    Trained const trained =
        arguments.on_root
            ? pipeline::fit_on_root(world, *set, fit_rows, session.memory().per_rank_bytes / 2)
            : fit_rows(world, *set);
    save_and_print(session, arguments, trained, model, rows.dropped);
}

void save_and_print(Session& session, TrainArguments const& arguments, Trained const& trained,
                    pipeline::SavedModel& model, std::int64_t dropped) {
    Communicator const& world = session.world();
    model.predictor = trained.predictor;
    model.summary = trained.summary;
    model.results = trained.results;
    collectively(world, "", [&] {
        if (world.is_root()) pipeline::save_model(model, arguments.out, session.overwrite());
    });
    print_summary(session, model, dropped);
    session.finish(model.rows, "rows", arguments.out);
}

pipeline::LearnerSettings learner_settings(Session const& session, pipeline::Recipe const& recipe) {
    pipeline::LearnerSettings settings{recipe.intercept, session.seed(), session.threads()};
    settings.classes = recipe.classes();
    settings.memory_bytes = session.memory().per_rank_bytes / 8;
    return settings;
}

void train_and_save(Session& session, TrainArguments const& arguments, std::string const& kind,
                    pipeline::Params params) {
    bool const classify = collectively(session.world(), "", [&] {
        for (std::string const& assignment : arguments.params) params.set_assignment(assignment);
        return pipeline::make_learner(kind, params)->classifies();
    });
    train_and_save(
        session, arguments, classify,
        [&](Communicator const& comm, ml::TrainingSet const& set, pipeline::Recipe const& recipe) {
            pipeline::settle_task(comm, kind, set, recipe, params);
            return pipeline::make_learner(kind, params, learner_settings(session, recipe))
                ->fit(comm, set);
        });
}

}  // namespace partita::cli
