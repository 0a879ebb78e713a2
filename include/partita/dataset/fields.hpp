#pragma once

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

namespace partita::dataset {

/// How many members an aggregate may have before it needs the partita_members() hook.
inline constexpr std::size_t most_fields = 12;

/// The one-line hook for types whose members cannot be found out: private members, base classes,
/// C arrays, more than most_fields members. It returns std::tie of all that make up the value, and
/// is found by argument-dependent lookup:
///
///     auto partita_members(Point& p) { return std::tie(p.x, p.y); }
template <class T>
concept HasMembersHook = requires(T& value) {
    partita_members(value);
};

namespace detail {

/// Stands for a member of any type while members are being counted.
struct AnyField {
    template <class T>
    operator T() const noexcept;
};

template <class T, std::size_t... I>
constexpr bool takes_fields(std::index_sequence<I...>) {
    return requires { T{(static_cast<void>(I), AnyField{})...}; };
}

/// The most initialisers that T{...} takes, from `N` down.
template <class T, std::size_t N = most_fields + 1>
constexpr std::size_t count_fields() {
    if constexpr (takes_fields<T>(std::make_index_sequence<N>{}))
        return N;
    else if constexpr (N == 0)
        return 0;
    else
        return count_fields<T, N - 1>();
}

}  // namespace detail

/// Aggregates whose members are found without help.
template <class T>
concept PlainAggregate =
    std::is_aggregate_v<T> && !std::is_array_v<T> && !std::is_union_v<T> && !HasMembersHook<T> &&
    (detail::count_fields<T>() > 0) && (detail::count_fields<T>() <= most_fields);

/// References to the members of a plain aggregate or of a type with the hook, as a tuple.
template <class T>
requires HasMembersHook<std::remove_const_t<T>> || PlainAggregate<std::remove_const_t<T>>
constexpr auto members_of(T& value) {
    using Value = std::remove_const_t<T>;
    if constexpr (HasMembersHook<Value>) {
        return partita_members(const_cast<Value&>(value));  // read only when T is const
    } else {
        constexpr std::size_t n = detail::count_fields<Value>();
        // clang-format off
        if constexpr (n == 1) { auto& [a] = value; return std::tie(a); }
        else if constexpr (n == 2) { auto& [a, b] = value; return std::tie(a, b); }
        else if constexpr (n == 3) { auto& [a, b, c] = value; return std::tie(a, b, c); }
        else if constexpr (n == 4) { auto& [a, b, c, d] = value; return std::tie(a, b, c, d); }
        else if constexpr (n == 5) { auto& [a, b, c, d, e] = value; return std::tie(a, b, c, d, e); }
        else if constexpr (n == 6) { auto& [a, b, c, d, e, f] = value; return std::tie(a, b, c, d, e, f); }
        else if constexpr (n == 7) { auto& [a, b, c, d, e, f, g] = value; return std::tie(a, b, c, d, e, f, g); }
        else if constexpr (n == 8) { auto& [a, b, c, d, e, f, g, h] = value; return std::tie(a, b, c, d, e, f, g, h); }
        else if constexpr (n == 9) { auto& [a, b, c, d, e, f, g, h, i] = value; return std::tie(a, b, c, d, e, f, g, h, i); }
        else if constexpr (n == 10) { auto& [a, b, c, d, e, f, g, h, i, j] = value; return std::tie(a, b, c, d, e, f, g, h, i, j); }
        else if constexpr (n == 11) { auto& [a, b, c, d, e, f, g, h, i, j, k] = value; return std::tie(a, b, c, d, e, f, g, h, i, j, k); }
        else { auto& [a, b, c, d, e, f, g, h, i, j, k, l] = value; return std::tie(a, b, c, d, e, f, g, h, i, j, k, l); }
        // clang-format on
    }
}

}  // namespace partita::dataset
