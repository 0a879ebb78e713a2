#include "knn/group_by.hpp"

#include <numeric>

namespace partita::knn {

Groups group_by(std::span<std::int32_t const> groups_of, std::int64_t each, std::size_t groups) {
    Groups grouped;
    grouped.first.assign(groups + 1, 0);
    for (std::int32_t group : groups_of)
        if (group >= 0) ++grouped.first[static_cast<std::size_t>(group) + 1];
    std::partial_sum(grouped.first.begin(), grouped.first.end(), grouped.first.begin());
    grouped.items.resize(static_cast<std::size_t>(grouped.first.back()));
    std::vector<std::int64_t> next(grouped.first.begin(), grouped.first.end() - 1);
    auto const per_item = static_cast<std::size_t>(each);
    for (std::size_t i = 0; i < groups_of.size(); ++i)
        if (groups_of[i] >= 0)
            grouped
                .items[static_cast<std::size_t>(next[static_cast<std::size_t>(groups_of[i])]++)] =
                static_cast<std::int32_t>(i / per_item);
    return grouped;
}

}  // namespace partita::knn
