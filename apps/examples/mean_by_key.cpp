// The mean of each key's numbers, the reduceByKey way: mean_by_key TABLE KEY NUMBER
//
// Sums and counts are folded before anything is exchanged; grouping would send every number.
#include <partita/comm/run_app.hpp>
#include <partita/dataset/read_csv_rows.hpp>

int main(int argc, char** argv) {
    return partita::run_app(argc, argv, [&](partita::Communicator const& world) {
        using Row = std::pair<std::string_view, double>;
        using Sum = std::pair<double, std::int64_t>;  // of numbers, and how many
        partita::dataset::Context const context(world);
        partita::check(argc == 4, "usage: mean_by_key TABLE KEY NUMBER");
        auto const means =
            partita::dataset::read_csv_rows<Row>(context, argv[1], {.columns = {argv[2], argv[3]}})
                .map_values([](double number) { return Sum(number, 1); })
                .reduce_by_key(
                    [](Sum a, Sum b) { return Sum(a.first + b.first, a.second + b.second); })
                .map_values([](Sum sum) { return sum.first / static_cast<double>(sum.second); });
        for (auto const& [key, mean] : means.sort_by_key().take(20))
            if (world.is_root()) fmt::print("{} {:.4f}\n", key, mean);
        return 0;
    });
}
