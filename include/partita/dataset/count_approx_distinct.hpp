#pragma once

#include "partita/dataset/hyper_log_log.hpp"
#include "partita/dataset/key_hash.hpp"
#include "partita/dataset/plan.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

namespace partita::dataset {

/// How many different elements there are, about.
template <class Input>
std::int64_t count_approx_distinct(Input const& input, double relative_error) {
    int const precision = HyperLogLog::precision_for(relative_error);
    HyperLogLog all(precision);
    std::mutex mutex;
    run_partitions(input.plan(), "count_approx_distinct", [&](std::int64_t partition) {
        HyperLogLog local(precision);
        input.push()(partition, [&](auto const& item) { local.add(mix64(key_hash(item))); });
        std::lock_guard const lock(mutex);
        all.merge(local);
    });
    std::vector<std::int32_t> wide(all.registers().begin(), all.registers().end());
    input.context().comm().all_reduce(std::span(wide), Reduce::max);
    std::copy(wide.begin(), wide.end(), all.registers().begin());
    return std::llround(all.estimate());
}

}  // namespace partita::dataset
