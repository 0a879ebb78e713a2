#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace partita::knn {

/// Items by the group that they belong to: those of group g stand at
/// items[first[g] .. first[g + 1]), in ascending order.
struct Groups {
    std::vector<std::int64_t> first;
    std::vector<std::int32_t> items;

    std::span<std::int32_t const> of(std::size_t group) const {
        return std::span(items).subspan(static_cast<std::size_t>(first[group]),
                                        static_cast<std::size_t>(first[group + 1] - first[group]));
    }
};

/// @param groups_of  `each` groups (negative = none) of item 0, then of item 1, ...
Groups group_by(std::span<std::int32_t const> groups_of, std::int64_t each, std::size_t groups);

}  // namespace partita::knn
