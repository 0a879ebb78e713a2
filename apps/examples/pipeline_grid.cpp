// Stages, a learner, and the setting that does best on rows left out: pipeline_grid TABLE
//
// TABLE has columns age and income (numbers, some missing), city (text) and bought (yes or no).
#include <partita/comm/collectively.hpp>
#include <partita/comm/run_app.hpp>
#include <partita/frame/csv.hpp>
#include <partita/pipeline/evaluate.hpp>
#include <partita/pipeline/pipeline.hpp>

int main(int argc, char** argv) {
    using namespace partita;
    using namespace partita::pipeline;
    return run_app(argc, argv, [&](Communicator const& world) {
        check_everywhere(argc == 2, "usage: pipeline_grid TABLE");
        dataset::Context const context(world);
        frame::Table const table = frame::read_csv(context, argv[1]).cache();
        std::vector<frame::Table> const parts = table.split({.8, .2}, 7);

        Pipeline pipeline;
        pipeline.add(Imputer({"age", "income"}, ImputeBy::median))
            .add(QuantileDiscretizer("age", 4, "age_group"))
            .add(OneHotEncoder("age_group", true, HandleInvalid::keep))
            .learn("logistic", "bought ~ income * city + age_group_0 + age_group_1 + age_group_2")
            .scale_features();
        ParamGrid grid;
        grid.add("penalty", {"0.001", "0.01", "0.1"});
        ValidationOptions options;
        options.folds = 3;
        options.metric = "auc";
        Validation const found = pipeline.cross_validate(parts[0], grid, options);

        pipeline.learn("logistic",
                       "bought ~ income * city + age_group_0 + age_group_1 + age_group_2",
                       found.points[static_cast<std::size_t>(found.best)]);
        SavedModel const model = pipeline.fit(parts[0]);
        Evaluation const judged = evaluate(model, parts[1]);
        if (world.is_root()) fmt::print("{}\n{}", found.to_text(), judged.to_text());
        return 0;
    });
}
