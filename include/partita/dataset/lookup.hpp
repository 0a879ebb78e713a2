#pragma once

#include "partita/dataset/gather.hpp"
#include "partita/dataset/key_hash.hpp"
#include "partita/dataset/plan.hpp"

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace partita::dataset {

/// key_hash for the standard library's containers.
struct KeyHasher {
    template <Hashable Key>
    std::size_t operator()(Key const& key) const {
        return static_cast<std::size_t>(key_hash(key));
    }
};

/// What collect_as_map gives.
template <class Key, class Value>
using KeyMap = std::unordered_map<Key, Value, KeyHasher>;

/// The values of one key, on every rank; runs only the key's partition where that is known.
template <class Input, class Key>
auto lookup(Input const& input, Key const& key) {
    using Value = typename stored_t<typename Input::Element>::second_type;
    bool const placed = input.placement() && input.plan().runs.size() == 1;
    std::int64_t const owner = placed ? input.placement().template partition_of<Key>(key) : 0;
    auto const parts = gather_partitions(
        input.plan(), run_partitions(input.plan(), "lookup", [&](std::int64_t partition) {
            std::vector<Value> values;
            if (placed && partition != owner) return values;
            input.push()(partition, [&](auto const& pair) {
                if (pair.first == key) values.push_back(to_stored(pair.second));
            });
            return values;
        }));
    std::vector<Value> all;
    for (auto const& part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
}

}  // namespace partita::dataset
