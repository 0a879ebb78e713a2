#pragma once

#include "partita/dataset/codec.hpp"

#include <concepts>
#include <cstdint>
#include <utility>

namespace partita::dataset {

/// std::map, std::unordered_map and what is like them: tables that are broadcast.
template <class T>
concept MapLike = requires(T& map, typename T::key_type key, typename T::mapped_type value) {
    map.emplace(std::move(key), std::move(value));
    { map.size() } -> std::convertible_to<std::size_t>;
};

template <MapLike T>
requires(!Flat<T> && !detail::HasParts<T>) struct Codec<T> {
    using Key = typename T::key_type;
    using Value = typename T::mapped_type;

    static std::int64_t size(T const& map) {
        std::int64_t bytes = detail::length_bytes(map.size());
        for (auto const& [key, value] : map)
            bytes += Codec<Key>::size(key) + Codec<Value>::size(value);
        return bytes;
    }
    static std::byte* write(std::byte* out, T const& map) {
        out = detail::write_length(out, map.size());
        for (auto const& [key, value] : map)
            out = Codec<Value>::write(Codec<Key>::write(out, key), value);
        return out;
    }
    static void read(PackedReader& in, T& map) {
        map.clear();
        std::int64_t const length = in.take_length(0);
        for (std::int64_t i = 0; i < length; ++i) {
            Key key{};
            Value value{};
            Codec<Key>::read(in, key);
            Codec<Value>::read(in, value);
            map.emplace(std::move(key), std::move(value));
        }
    }
};

}  // namespace partita::dataset
