#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <functional>
#include <type_traits>

namespace partita::dataset {

template <class Less, class Key>
inline constexpr bool is_ascending =
    std::is_same_v<Less, std::less<>> || std::is_same_v<Less, std::less<Key>>;
template <class Less, class Key>
inline constexpr bool is_descending =
    std::is_same_v<Less, std::greater<>> || std::is_same_v<Less, std::greater<Key>>;

/// Keys that can be sorted by their bits.
template <class Key, class Less>
concept RadixKey = std::is_arithmetic_v<Key> && sizeof(Key) <= 8 &&
                   (is_ascending<Less, Key> || is_descending<Less, Key>);

/// An unsigned number that orders as the key does; 0.0 and -0.0 are one, NaNs come last (first when
/// descending).
template <class Less, class Key>
std::uint64_t radix_of(Key key) {
    std::uint64_t bits;
    if constexpr (std::is_floating_point_v<Key>) {
        auto const raw = std::bit_cast<std::int64_t>(static_cast<double>(key) + 0.0);
        bits = static_cast<std::uint64_t>(raw < 0 ? ~raw : raw ^ std::int64_t(1ull << 63));
        if (key != key) bits = ~std::uint64_t{0};
    } else if constexpr (std::is_signed_v<Key>) {
        bits = static_cast<std::uint64_t>(static_cast<std::int64_t>(key)) ^ (1ull << 63);
    } else {
        bits = key;
    }
    return is_ascending<Less, Key> ? bits : ~bits;
}

/// Stable sort of flat items by an arithmetic key, using as much room again.
///
/// Two passes of counting sort by the leading bits in which the keys differ leave runs of equal
/// leading bits, short ones unless keys are far from evenly spread; those are sorted by comparing.
///
/// @param radix  std::uint64_t(T const&): see radix_of.
template <class T, class Radix>
void radix_sort(T* items, T* room, std::int64_t n, Radix const& radix) {
    if (n < 2) return;
    std::uint64_t least = radix(items[0]), most = least;
    for (std::int64_t i = 1; i < n; ++i) {
        least = std::min(least, radix(items[i]));
        most = std::max(most, radix(items[i]));
    }
    if (least == most) return;
    constexpr int digit_bits = 11, digits = 1 << digit_bits;
    int const shift = std::max(0, static_cast<int>(std::bit_width(most - least)) - 2 * digit_bits);
    auto const leading = [&](T const& item) { return (radix(item) - least) >> shift; };

    std::array<std::int64_t, digits> low{}, high{};
    for (std::int64_t i = 0; i < n; ++i) {
        std::uint64_t const bits = leading(items[i]);
        ++low[bits % digits];
        ++high[bits / digits];
    }
    std::int64_t low_start = 0, high_start = 0;
    for (int d = 0; d < digits; ++d) {
        auto const at = static_cast<std::size_t>(d);
        low_start += std::exchange(low[at], low_start);
        high_start += std::exchange(high[at], high_start);
    }
    auto const move = [](T* to, T const* from) {
        std::memcpy(static_cast<void*>(to), static_cast<void const*>(from), sizeof(T));
    };
    for (std::int64_t i = 0; i < n; ++i) move(room + low[leading(items[i]) % digits]++, items + i);
    for (std::int64_t i = 0; i < n; ++i) move(items + high[leading(room[i]) / digits]++, room + i);
    if (shift == 0) return;

    auto const before = [&](T const& a, T const& b) { return radix(a) < radix(b); };
    for (std::int64_t first = 0, last; first < n; first = last) {
        std::uint64_t const bits = leading(items[first]);
        bool sorted = true;
        for (last = first + 1; last < n && leading(items[last]) == bits; ++last)
            sorted &= !before(items[last], items[last - 1]);
        if (!sorted) std::stable_sort(items + first, items + last, before);
    }
}

}  // namespace partita::dataset
