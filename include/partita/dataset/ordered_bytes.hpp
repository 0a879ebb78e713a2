#pragma once

#include "partita/dataset/codec.hpp"
#include "partita/dataset/text_columns.hpp"

#include <bit>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace partita::dataset {

/// Values as bytes that compare like the values, so that a sort of byte strings sorts anything, by
/// several things at once, ascending or (the bytes inverted) descending.
///
/// Known: numbers and enums (NaN after all others), text (by its bytes), std::optional (nothing
/// first, or last), TextColumns, pairs, tuples and aggregates of what is known. An OrderedBytes has
///     static void append(std::string& out, T const&, bool nulls_last);
///     static std::size_t end_of(std::string_view bytes, std::size_t at);  // skips a value
///     using Room, View; static View read(std::string_view bytes, std::size_t& at, Room&);
/// where the View (T, or a view for text) lasts as long as both the bytes and the room. append_last
/// and read_last are for a value that nothing follows, and need no end mark.
template <class T>
struct OrderedBytes;

namespace detail {

/// Zero bytes are followed by 0xff; two zeros end the text.
void append_ordered_text(std::string& out, std::string_view text);
std::size_t end_of_ordered_text(std::string_view bytes, std::size_t at);
/// A view into `bytes`, or into `room` if the text has zeros.
std::string_view read_ordered_text(std::string_view bytes, std::size_t& at, std::string& room);

template <class T>
void append_last(std::string& out, T const& value, bool nulls_last) {
    if constexpr (requires { OrderedBytes<T>::append_last(out, value, nulls_last); })
        OrderedBytes<T>::append_last(out, value, nulls_last);
    else
        OrderedBytes<T>::append(out, value, nulls_last);
}
template <class T>
auto read_last(std::string_view bytes, std::size_t at, typename OrderedBytes<T>::Room& room) {
    if constexpr (requires { OrderedBytes<T>::read_last(bytes, at, room); })
        return OrderedBytes<T>::read_last(bytes, at, room);
    else
        return OrderedBytes<T>::read(bytes, at, room);
}

}  // namespace detail

template <class T>
requires(std::is_arithmetic_v<T> || std::is_enum_v<T>) struct OrderedBytes<T> {
    struct Room {};
    using View = T;
    using Bits = std::conditional_t<
        sizeof(T) == 1, std::uint8_t,
        std::conditional_t<sizeof(T) == 2, std::uint16_t,
                           std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>>>;
    static_assert(sizeof(T) <= 8);

    static void append(std::string& out, T value, bool = false) {
        Bits const bits = to_bits(value);
        for (std::size_t i = sizeof(T); i-- > 0;) out += static_cast<char>(bits >> (8 * i));
    }
    static std::size_t end_of(std::string_view, std::size_t at) { return at + sizeof(T); }
    static T read(std::string_view bytes, std::size_t& at, Room&) {
        Bits bits = 0;
        for (std::size_t i = 0; i < sizeof(T); ++i)
            bits = static_cast<Bits>(static_cast<Bits>(bits << (sizeof(T) > 1 ? 8 : 0)) |
                                     static_cast<std::uint8_t>(bytes.at(at++)));
        return from_bits(bits);
    }

  private:
    static constexpr Bits sign = static_cast<Bits>(Bits{1} << (8 * sizeof(T) - 1));
    static constexpr bool is_signed = std::is_signed_v<T> || std::is_enum_v<T>;

    static Bits to_bits(T value) {
        if constexpr (std::is_floating_point_v<T>) {
            if (std::isnan(value)) value = std::abs(value);
            auto const bits = std::bit_cast<Bits>(value == 0 ? T{0} : value);
            return bits & sign ? static_cast<Bits>(~bits) : bits | sign;
        } else {
            return static_cast<Bits>(value) ^ (is_signed ? sign : Bits{0});
        }
    }
    static T from_bits(Bits bits) {
        if constexpr (std::is_floating_point_v<T>)
            return std::bit_cast<T>(bits & sign ? static_cast<Bits>(bits ^ sign)
                                                : static_cast<Bits>(~bits));
        else
            return static_cast<T>(bits ^ (is_signed ? sign : Bits{0}));
    }
};

template <class T>
requires std::same_as<stored_t<T>, std::string>
struct OrderedBytes<T> {
    using Room = std::string;
    using View = std::string_view;

    static void append(std::string& out, std::string_view text, bool = false) {
        detail::append_ordered_text(out, text);
    }
    static std::size_t end_of(std::string_view bytes, std::size_t at) {
        return detail::end_of_ordered_text(bytes, at);
    }
    static View read(std::string_view bytes, std::size_t& at, Room& room) {
        return detail::read_ordered_text(bytes, at, room);
    }
    static void append_last(std::string& out, std::string_view text, bool) { out += text; }
    static View read_last(std::string_view bytes, std::size_t at, Room&) {
        return bytes.substr(at);
    }
};

/// A byte first says whether there is a value.
template <class T>
struct OrderedBytes<std::optional<T>> {
    using Room = typename OrderedBytes<T>::Room;
    using View = std::optional<typename OrderedBytes<T>::View>;

    static void append(std::string& out, std::optional<T> const& value, bool nulls_last) {
        append_flag(out, value.has_value(), nulls_last);
        if (value) OrderedBytes<T>::append(out, *value, nulls_last);
    }
    static std::size_t end_of(std::string_view bytes, std::size_t at) {
        return bytes.at(at) == there ? OrderedBytes<T>::end_of(bytes, at + 1) : at + 1;
    }
    static View read(std::string_view bytes, std::size_t& at, Room& room) {
        if (bytes.at(at++) != there) return std::nullopt;
        return OrderedBytes<T>::read(bytes, at, room);
    }
    static void append_last(std::string& out, std::optional<T> const& value, bool nulls_last) {
        append_flag(out, value.has_value(), nulls_last);
        if (value) detail::append_last<T>(out, *value, nulls_last);
    }
    static View read_last(std::string_view bytes, std::size_t at, Room& room) {
        if (bytes.at(at) != there) return std::nullopt;
        return detail::read_last<T>(bytes, at + 1, room);
    }

    static constexpr char there = 1;
    static void append_flag(std::string& out, bool has_value, bool nulls_last) {
        out += has_value ? there : static_cast<char>(nulls_last ? 2 : 0);
    }
};

/// Each text as an optional one, and a byte that ends them.
template <>
struct OrderedBytes<TextColumns> {
    struct Room {
        std::string text;
        std::vector<std::string> texts;
        std::vector<std::string_view> views;
    };
    using View = TextColumns;

    static void append(std::string& out, TextColumns const& columns, bool nulls_last);
    static std::size_t end_of(std::string_view bytes, std::size_t at);
    static View read(std::string_view bytes, std::size_t& at, Room& room);
};

/// Member by member.
template <class T>
requires(detail::HasParts<T> && !std::is_arithmetic_v<T> &&
         !std::same_as<T, TextColumns>) struct OrderedBytes<T> {
    template <class Part>
    using Of = OrderedBytes<std::remove_cvref_t<Part>>;
    struct Room {};
    using View = stored_t<T>;

    static void append(std::string& out, T const& value, bool nulls_last) {
        std::apply(
            [&](auto const&... part) { (Of<decltype(part)>::append(out, part, nulls_last), ...); },
            detail::parts_of(value));
    }
    static std::size_t end_of(std::string_view bytes, std::size_t at) {
        View shape{};
        std::apply(
            [&](auto const&... part) { ((at = Of<decltype(part)>::end_of(bytes, at)), ...); },
            detail::parts_of(shape));
        return at;
    }
    static View read(std::string_view bytes, std::size_t& at, Room&) {
        View value{};
        std::apply([&](auto&... part) { (read_part(bytes, at, part), ...); },
                   detail::parts_of(value));
        return value;
    }

  private:
    template <class Part>
    static void read_part(std::string_view bytes, std::size_t& at, Part& part) {
        typename OrderedBytes<Part>::Room room;
        part = Part(to_stored(OrderedBytes<Part>::read(bytes, at, room)));
    }
};

/// What can be sorted as bytes.
template <class T>
concept Orderable = requires(std::string& out, T const& value) {
    OrderedBytes<std::remove_cvref_t<T>>::append(out, value, false);
};

}  // namespace partita::dataset
