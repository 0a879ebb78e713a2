#pragma once

#include "partita/core/error.hpp"
#include "partita/dataset/codec.hpp"
#include "partita/dataset/table_row.hpp"
#include "partita/dataset/text_columns.hpp"
#include "partita/io/hdf5_writer.hpp"

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace partita::dataset {

/// Stands for a field that is nothing.
template <class T>
struct NullField {};

/// Call visit for each field of an element that becomes a row: a number, a std::string_view, or
/// NullField<T> for an empty std::optional<T>. Pairs, tuples and aggregates are taken apart, also
/// within each other; texts whose number is known at run time are a field each.
template <class T, class Visit>
void for_each_field(T const& item, Visit&& visit) {
    if constexpr (std::is_arithmetic_v<T>) {
        visit(item);
    } else if constexpr (std::is_convertible_v<T const&, std::string_view>) {
        visit(std::string_view(item));
    } else if constexpr (requires { item.has_value(); }) {
        if (item)
            for_each_field(*item, visit);
        else
            visit(NullField<std::remove_cvref_t<decltype(*item)>>{});
    } else if constexpr (std::same_as<T, TextColumns>) {
        for (std::string_view const text : item.texts) visit(text);
    } else if constexpr (std::same_as<T, TableRow>) {
        for (std::string_view const text : item.fields()) visit(text);
    } else if constexpr (std::same_as<T, std::vector<std::string>>) {
        for (std::string const& text : item) visit(std::string_view(text));
    } else {
        static_assert(
            detail::HasParts<T>,
            "elements to be saved are numbers, texts, std::optional, or pairs, tuples and "
            "aggregates of such");
        std::apply([&](auto const&... part) { (for_each_field(part, visit), ...); },
                   detail::parts_of(item));
    }
}

/// How an element becomes a row unless told otherwise.
struct MemberFields {
    template <class T, class Visit>
    void operator()(T const& item, Visit& visit) const {
        for_each_field(item, visit);
    }
};

namespace detail {

template <class T>
io::Hdf5Type::Kind column_kind() {
    if constexpr (std::is_same_v<stored_t<T>, std::string>)
        return io::Hdf5Type::text;
    else if constexpr (std::is_same_v<T, float>)
        return io::Hdf5Type::float32;
    else if constexpr (std::is_floating_point_v<T>)
        return io::Hdf5Type::float64;
    else if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, std::uint8_t>)
        return io::Hdf5Type::uint8;
    else if constexpr (sizeof(T) < 4 || std::is_same_v<T, std::int32_t>)
        return io::Hdf5Type::int32;
    else
        return io::Hdf5Type::int64;
}

template <class T>
struct Pointee {
    using type = void;
};
template <class T>
struct Pointee<std::optional<T>> {
    using type = T;
};

/// Kinds of the columns that a T becomes; `texts` of them are counted at run time.
template <class T>
void add_column_kinds(std::vector<io::Hdf5Type::Kind>& kinds, std::int64_t texts) {
    using Inner = typename Pointee<T>::type;
    if constexpr (std::is_arithmetic_v<T> || std::is_same_v<stored_t<T>, std::string>) {
        kinds.push_back(column_kind<T>());
    } else if constexpr (!std::is_void_v<Inner>) {
        // Only floating-point numbers and texts have a value that stands for nothing.
        constexpr bool whole = std::is_integral_v<Inner>;
        kinds.push_back(whole ? io::Hdf5Type::float64 : column_kind<Inner>());
    } else if constexpr (std::is_same_v<stored_t<T>, std::vector<std::string>>) {
        kinds.insert(kinds.end(), static_cast<std::size_t>(texts), io::Hdf5Type::text);
    } else {
        using Parts = std::remove_cvref_t<decltype(parts_of(std::declval<T&>()))>;
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (add_column_kinds<std::remove_cvref_t<std::tuple_element_t<I, Parts>>>(kinds, texts),
             ...);
        }
        (std::make_index_sequence<std::tuple_size_v<Parts>>{});
    }
}

}  // namespace detail
}  // namespace partita::dataset
