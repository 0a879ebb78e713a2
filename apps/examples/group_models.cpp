// A model for each store, and a forecast for each row by its store's: group_models TABLE OUT.csv
//
// TABLE has columns store, price and units; rows without units are those to forecast.
#include <partita/comm/collectively.hpp>
#include <partita/comm/run_app.hpp>
#include <partita/frame/csv.hpp>
#include <partita/pipeline/group_models.hpp>

int main(int argc, char** argv) {
    using namespace partita;
    return run_app(argc, argv, [&](Communicator const& world) {
        check_everywhere(argc == 3, "usage: group_models TABLE OUT.csv");
        dataset::Context const context(world);
        frame::Table const sales = frame::read_csv(context, argv[1]);
        frame::Table const known = sales.filter("units is not null");
        pipeline::GroupModels const models = pipeline::train_groups(
            known, pipeline::formula_of(known, "units", {"price"}), {{"store"}, "linear"});
        frame::Table const forecast =
            pipeline::score_groups(models, sales.filter("units is null"), {{"store", "price"}});
        std::int64_t const rows = frame::write_csv(forecast, argv[2], {.overwrite = true});
        if (world.is_root())
            fmt::print("{} models, {} without enough rows; {} forecasts\n", models.groups,
                       models.too_few, rows);
        return 0;
    });
}
