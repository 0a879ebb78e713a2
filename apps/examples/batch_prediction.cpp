// Train on a sample on one rank, score all rows on all: batch_prediction TABLE LABEL OUT.csv
//
// The job of many PySpark pipelines: number the rows as user_id, collect a sample on one machine,
// train a logistic regression there, broadcast the model, score every partition, save the scores.
#include <partita/comm/collectively.hpp>
#include <partita/comm/run_app.hpp>
#include <partita/frame/csv.hpp>
#include <partita/pipeline/learner.hpp>
#include <partita/pipeline/load.hpp>
#include <partita/pipeline/saved_model.hpp>

int main(int argc, char** argv) {
    using namespace partita;
    return run_app(argc, argv, [&](Communicator const& world) {
        check_everywhere(argc == 4, "usage: batch_prediction TABLE LABEL OUT.csv");
        dataset::Context const context(world);
        frame::Table const users = frame::read_csv(context, argv[1]);

        pipeline::SavedModel model;
        model.recipe = pipeline::fit_recipe(users, pipeline::formula_of(users, argv[2], {}));
        pipeline::LoadOptions sample;
        sample.classify = true;
        sample.filter = pipeline::sample_filter(users.rows(), 10'000, 42);
        pipeline::LoadedRows const rows = pipeline::load_rows(users, model.recipe, sample);

        auto const logistic = pipeline::make_learner("logistic", {});
        auto const fit = [&](Communicator const& self, ml::TrainingSet const& set) {
            return logistic->fit(self, set);
        };
        model.predictor =
            pipeline::fit_on_root(world, *rows.set, fit, context.memory_bytes() / 4).predictor;

        frame::Table const scores =
            pipeline::score(model, users.with_row_index("user_id"), {{"user_id"}, true});
        std::int64_t const written = frame::write_csv(scores, argv[3], {.overwrite = true});
        if (world.is_root()) fmt::print("trained on {} rows, scored {}\n", rows.rows(), written);
        return 0;
    });
}
