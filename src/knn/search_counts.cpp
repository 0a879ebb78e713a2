#include "knn/search_counts.hpp"

#include <span>
#include <string>
#include <vector>

namespace partita::knn {

namespace {

struct Count {
    char const* name;
    std::int64_t SearchReport::*value;
};

constexpr Count counts[] = {{"self_possible", &SearchReport::self_possible},
                            {"self_found", &SearchReport::self_found},
                            {"duplicates", &SearchReport::duplicates},
                            {"neighbors", &SearchReport::neighbors},
                            {"zero_queries", &SearchReport::zero_queries}};

}  // namespace

void add_up_counts(Communicator const& comm, SearchReport& report) {
    std::vector<std::int64_t> values;
    for (Count const& count : counts) values.push_back(report.*count.value);
    comm.all_reduce(std::span(values), Reduce::sum);
    for (std::size_t i = 0; i < values.size(); ++i) report.*counts[i].value = values[i];
}

void keep_counts(SearchReport const& report, io::PartialOutput& partial) {
    for (Count const& count : counts)
        partial.set_fact(count.name, std::to_string(report.*count.value));
}

void restore_counts(io::PartialOutput const& partial, SearchReport& report) {
    for (Count const& count : counts)
        if (auto const value = partial.fact(count.name)) report.*count.value = std::stoll(*value);
}

}  // namespace partita::knn
