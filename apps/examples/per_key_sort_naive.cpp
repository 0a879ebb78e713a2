// The values of each key, sorted and numbered, the naive way: a partition for each key.
// per_key_sort_naive TABLE KEY VALUE OUT
//
// Right, and quick while keys are of like size. But a partition is sorted by one thread in its
// memory, so a key with most of the rows makes one rank do most of the work, or fail.
#include <algorithm>
#include <partita/comm/run_app.hpp>
#include <partita/dataset/read_csv_rows.hpp>

namespace {

using Pair = std::pair<std::string, std::string>;
using Row = std::tuple<std::string, std::string, std::int64_t>;  // key, value, index

std::vector<Row> sorted_and_numbered(std::vector<Pair> pairs) {
    std::sort(pairs.begin(), pairs.end());
    std::vector<Row> rows;
    for (auto& [key, value] : pairs) {
        auto const index = static_cast<std::int64_t>(rows.size());
        rows.emplace_back(std::move(key), std::move(value), index);
    }
    return rows;
}

}  // namespace

int main(int argc, char** argv) {
    return partita::run_app(argc, argv, [&](partita::Communicator const& world) {
        partita::dataset::Context const context(world);
        partita::check(argc == 5, "usage: per_key_sort_naive TABLE KEY VALUE OUT");
        auto const pairs = partita::dataset::read_csv_rows<Pair>(context, argv[1],
                                                                 {.columns = {argv[2], argv[3]}});
        std::vector<std::string> keys = pairs.keys().distinct().sort().collect();
        if (keys.size() > 1) keys.pop_back();  // the last partition takes what is beyond all bounds
        partita::dataset::RangePartitioner<std::string> const one_per_key(std::move(keys));
        pairs.partition_by(one_per_key)
            .map_partitions(sorted_and_numbered)
            .save_csv(argv[4], {"key", "value", "index"}, {.overwrite = true});
        return 0;
    });
}
