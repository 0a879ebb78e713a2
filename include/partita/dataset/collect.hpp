#pragma once

#include "partita/core/bytes.hpp"
#include "partita/dataset/gather.hpp"
#include "partita/dataset/plan.hpp"

#include <cstdint>
#include <utility>
#include <vector>

namespace partita::dataset {

/// The elements of this rank's partitions, one vector per partition. Collective.
template <class Input>
auto collect_partitions(Input const& input) {
    using T = stored_t<typename Input::Element>;
    return run_partitions(input.plan(), "collect", [&](std::int64_t partition) {
        std::vector<T> items;
        input.push()(partition, [&](auto&& item) {
            items.push_back(to_stored(std::forward<decltype(item)>(item)));
        });
        return items;
    });
}

template <class T>
std::vector<T> concatenate(std::vector<std::vector<T>> parts) {
    std::size_t total = 0;
    for (auto const& part : parts) total += part.size();
    std::vector<T> all;
    all.reserve(total);
    for (auto& part : parts)
        all.insert(all.end(), std::make_move_iterator(part.begin()),
                   std::make_move_iterator(part.end()));
    return all;
}

template <class Input>
auto collect_local(Input const& input) {
    return concatenate(collect_partitions(input));
}

/// Every element on every rank; refused when they do not fit.
template <class Input>
auto collect_everywhere(Input const& input) {
    using T = stored_t<typename Input::Element>;
    Plan const& plan = input.plan();
    std::vector<std::vector<T>> const local = collect_partitions(input);
    std::int64_t bytes = 0;
    for (auto const& items : local)
        for (T const& item : items) bytes += Codec<T>::size(item);
    bytes = plan.context.comm().all_reduce(bytes, Reduce::sum);
    std::int64_t const most = plan.context.memory().kept_limit();
    if (bytes > most)
        throw CollectiveError(fmt::format(
            "{}: expected at most {} of elements, which is what a rank may keep, got {}",
            plan.then("collect").lineage, format_bytes(static_cast<double>(most)),
            format_bytes(static_cast<double>(bytes))));
    return concatenate(gather_partitions(plan, local));
}

}  // namespace partita::dataset
