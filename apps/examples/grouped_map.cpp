// A model for each group of rows: grouped_map games-expand.csv OUT.csv
//
// Rows get a user_id (row_number() over (order by rand())) and a partition_id; then each
// partition's rows reach one call of a function, Spark's applyInPandas, which fits label ~ number
// of games.
#include <partita/comm/run_app.hpp>
#include <partita/frame/csv.hpp>
#include <partita/frame/grouped_map.hpp>
#include <partita/frame/make_column.hpp>
#include <partita/frame/wide.hpp>

using namespace partita::frame;

int main(int argc, char** argv) {
    return partita::run_app(argc, argv, [&](partita::Communicator const& world) {
        partita::check(argc == 3, "usage: grouped_map games-expand.csv OUT.csv");
        partita::dataset::Context const context(world);
        Table const users = read_csv(context, argv[1])
                                .random_order_index("user_id", 42)
                                .with_column("partition_id", "user_id % 10")
                                .with_column("games", "G1+G2+G3+G4+G5+G6+G7+G8+G9+G10");
        Schema const fits =
            Schema::parse("partition_id:int64, rows:int64, intercept:float64, slope:float64");
        Table const models =
            apply_in_groups(users, {"partition_id"}, fits, [=](Block const& group) {
                auto const x = numbers_of(group.column("games")),
                           y = numbers_of(group.column("label"));
                auto const n = static_cast<double>(group.rows());
                double mean_x = 0, mean_y = 0, xx = 0, xy = 0;
                for (std::size_t i = 0; i < x.size(); ++i) mean_x += x[i] / n, mean_y += y[i] / n;
                for (std::size_t i = 0; i < x.size(); ++i) {
                    xx += (x[i] - mean_x) * (x[i] - mean_x);
                    xy += (x[i] - mean_x) * (y[i] - mean_y);
                }
                double const slope = xy / xx;
                return Block(fits, {group.column("partition_id").slice(0, 1),
                                    make_column(std::vector<std::int64_t>{group.rows()}),
                                    make_column(std::vector<double>{mean_y - slope * mean_x}),
                                    make_column(std::vector<double>{slope})});
            });
        write_csv(sort(models, {{"partition_id"}}), argv[2], {.overwrite = true});
        return 0;
    });
}
