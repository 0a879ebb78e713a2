#include "partita/dataset/plan.hpp"

#include <numeric>

namespace partita::dataset {

std::int64_t Plan::partitions() const {
    return std::accumulate(runs.begin(), runs.end(), std::int64_t{0});
}

std::vector<std::int64_t> Plan::local_partitions() const {
    std::vector<std::int64_t> local;
    std::int64_t start = 0;
    for (std::int64_t const run : runs) {
        RowRange const mine = context.local_partitions(run);
        for (std::int64_t p = mine.first; p < mine.last; ++p) local.push_back(start + p);
        start += run;
    }
    return local;
}

Plan Plan::then(std::string_view operation) const {
    Plan plan = *this;
    if (!plan.lineage.empty()) plan.lineage += " | ";
    plan.lineage += operation;
    return plan;
}

Plan Plan::then_anew(std::string_view operation) const {
    Plan plan = then(operation);
    plan.placement = {};
    return plan;
}

}  // namespace partita::dataset
