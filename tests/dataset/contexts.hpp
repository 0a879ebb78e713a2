#pragma once

#include "support/dataset_contexts.hpp"

#include "partita/comm/communicator.hpp"
#include "partita/core/random.hpp"
#include "partita/dataset/codec.hpp"
#include "partita/dataset/context.hpp"
#include "partita/dataset/gather.hpp"

#include <cstddef>
#include <cstdint>
#include <iostream>
#include <span>
#include <utility>
#include <vector>

namespace partita::test {

/// The least memory there is.
inline constexpr std::int64_t least_memory_bytes = 256 << 10;
inline dataset::Context least() { return context_with(least_memory_bytes); }
/// The least memory, and what is spilled is compressed.
inline dataset::Context compressing() {
    dataset::Options options;
    options.memory_bytes = least_memory_bytes;
    options.threads = 1;
    options.spill_compression = dataset::SpillCompression::always;
    return dataset::Context(Communicator::world(), options);
}

/// What all ranks have of a dataset, in its order: collect() without the limit of memory.
template <class Input>
auto gathered(Input const& input) {
    using T = dataset::stored_t<typename Input::Element>;
    auto const mine = input.collect_local();
    auto const packed = dataset::pack_items(std::span<T const>(mine));
    auto const all = input.context().comm().all_gather_varying(std::span<std::byte const>(packed));
    std::vector<T> items;
    dataset::PackedReader reader(all.data(), static_cast<std::int64_t>(all.size()));
    while (!reader.at_end()) dataset::Codec<T>::read(reader, items.emplace_back());
    return items;
}

using Pair = std::pair<std::int64_t, std::int64_t>;

/// The i-th of a stream of pairs whose keys are below `keys`, the same on every rank.
inline Pair pair_at(std::int64_t i, std::int64_t keys) {
    RandomStream random(7, static_cast<std::uint64_t>(i));
    return {static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(keys))),
            static_cast<std::int64_t>(random.below(1000))};
}

}  // namespace partita::test
