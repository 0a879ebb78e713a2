#pragma once

#include "partita/core/hash.hpp"
#include "partita/dataset/codec.hpp"
#include "partita/dataset/text_key.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace partita::dataset {

/// The hash of a key: the same on every build, machine and run, for it decides who owns a key.
///
/// Equal keys have equal hashes: 0.0 and -0.0 are one key, all NaNs hash alike, and a string hashes
/// as its view. Numbers of any width go through mix64 of their value, text of up to 15 bytes
/// through TextKey's hash and longer text through XXH3, pairs, tuples, vectors and aggregates
/// combine their parts in order. A type of one's own may have `std::uint64_t partita_hash(Key
/// const&)`, found by argument-dependent lookup.
template <class Key>
std::uint64_t key_hash(Key const& key) {
    if constexpr (requires { partita_hash(key); }) {
        return partita_hash(key);
    } else if constexpr (std::is_integral_v<Key> || std::is_enum_v<Key>) {
        return mix64(static_cast<std::uint64_t>(key));
    } else if constexpr (std::is_floating_point_v<Key>) {
        double const value = std::isnan(key) ? std::nan("") : static_cast<double>(key);
        return mix64(std::bit_cast<std::uint64_t>(value == 0 ? 0.0 : value));
    } else if constexpr (std::is_convertible_v<Key const&, std::string_view>) {
        std::string_view const text(key);
        return text.size() <= TextKey::most_inline ? TextKey(text).inline_hash() : hash_bytes(text);
    } else if constexpr (detail::HasParts<Key>) {
        return std::apply(
            [](auto const&... part) {
                std::uint64_t hash = 0;
                ((hash = combine_hashes(hash, key_hash(part))), ...);
                return hash;
            },
            detail::parts_of(key));
    } else {
        std::uint64_t hash = 0;
        for (auto const& item : key) hash = combine_hashes(hash, key_hash(item));
        return hash;
    }
}

template <class Key>
concept Hashable = requires(Key const& key) {
    key_hash(key);
};

}  // namespace partita::dataset
