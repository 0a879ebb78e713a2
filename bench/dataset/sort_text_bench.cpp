// Per-key sort of pairs of strings, each row with its index within the key, beside single-core code
// and MR-MPI.
//
// usage: dataset_sort_text_bench [rows] [repeats] [threads] [memory bytes]

#include "bench_support.hpp"
#include "checksums.hpp"
#include "mrmpi_peer.hpp"

#include "partita/comm/run_app.hpp"
#include "partita/dataset/sources.hpp"

#include <algorithm>
#include <memory>
#include <unordered_map>

namespace partita::bench {
namespace {

/// One core: sort the rows, then number them.
Contest::Checksum sort_on_one_core(std::vector<TextPair> const& all) {
    auto rows = std::make_shared<std::vector<TextPair const*>>();
    for (TextPair const& row : all) rows->push_back(&row);
    std::sort(rows->begin(), rows->end(), [](auto const* a, auto const* b) { return *a < *b; });
    return [rows] {
        std::uint64_t sum = 0;
        std::int64_t index = 0;
        for (std::size_t i = 0; i < rows->size(); ++i) {
            auto const& [key, value] = *(*rows)[i];
            index = i > 0 && key == (*rows)[i - 1]->first ? index + 1 : 0;
            sum += checksum_of(key, value, index);
        }
        return sum;
    };
}

/// Rows by key and value, each with its index within the key: its place among all rows, less that
/// of the key's first.
auto sorted_with_index(dataset::Dataset<TextPair> const& input) {
    auto const placed = input.sort().zip_with_index();
    auto firsts = std::make_shared<std::unordered_map<std::string, std::int64_t>>();
    for (auto& [key, first] :
         placed.map([](auto const&row) { return std::pair(row.first.first, row.second); })
             .reduce_by_key([](std::int64_t a, std::int64_t b) { return std::min(a, b); })
             .collect())
        firsts->emplace(std::move(key), first);
    return placed.map([firsts](auto&& row) {
        std::int64_t const index = row.second - firsts->at(row.first.first);
        return std::pair(std::forward<decltype(row)>(row).first, index);
    });
}

void bench(Communicator const& comm, Arguments const& arguments) {
    dataset::Context const context(comm, arguments.options);
    std::vector<TextPair> const mine = text_pairs(comm, arguments.items);
    auto const input = dataset::from_local(context, mine);
    Contest contest(context, "sort_text_by_key", arguments.items);
    contest.add("ours", [&] {
        auto const rows = sorted_with_index(input);
        rows.count();
        return [rows] {
            return rows
                .map([](auto const& row) {
                    auto const& [key, value] = row.first;
                    return checksum_of(key, value, row.second);
                })
                .reduce(std::plus<>{});
        };
    });
    std::vector<TextPair> all;
    if (comm.is_root()) all = text_pairs(Communicator::self(), arguments.items);
    contest.add_on_root("std_sort", [&] { return sort_on_one_core(all); });
    if (has_mrmpi()) contest.add("mrmpi", [&] { return mrmpi_sort_by_group(comm, mine); });
    contest.run(arguments.repeats, arguments.items * 2 * 22);
}

}  // namespace
}  // namespace partita::bench

int main(int argc, char** argv) {
    return partita::run_app(argc, argv, [&](partita::Communicator const& comm) {
        partita::bench::bench(comm, partita::bench::Arguments(argc, argv, 2300000));
        return 0;
    });
}
