// The values of each key, sorted and numbered, whatever the sizes of keys.
// per_key_sort TABLE KEY VALUE OUT
//
// All rows are sorted by (key, value) at once, equal ones being shared out like others, and then
// numbered within their keys over the ends of partitions: a key with most of the rows is spread
// over all ranks, and nothing holds its values.
#include <partita/comm/run_app.hpp>
#include <partita/dataset/read_csv_rows.hpp>

int main(int argc, char** argv) {
    return partita::run_app(argc, argv, [&](partita::Communicator const& world) {
        using Pair = std::pair<std::string_view, std::string_view>;
        partita::dataset::Context const context(world);
        partita::check(argc == 5, "usage: per_key_sort TABLE KEY VALUE OUT");
        partita::dataset::read_csv_rows<Pair>(context, argv[1], {.columns = {argv[2], argv[3]}})
            .sort_within_keys()
            .save_csv(argv[4], {"key", "value", "index"}, {.overwrite = true});
        return 0;
    });
}
