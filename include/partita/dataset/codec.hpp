#pragma once

#include "partita/core/error.hpp"
#include "partita/dataset/copy_bytes.hpp"
#include "partita/dataset/fields.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace partita::dataset {

/// How items become bytes and back, for the exchange, spill files and results.
///
/// Known without help: numbers, enums, bool; std::string and std::string_view; pair, tuple, array,
/// optional, vector of what is known; aggregates of at most most_fields known members. Others get
/// the one-line hook partita_members(), a specialisation of Codec, or (Boost.Serialization)
/// `template <> struct Codec<Mine> : BoostCodec<Mine> {};` from boost_codec.hpp.
///
/// A Codec has
///     static std::int64_t size(T const&);                     // bytes that write() fills
///     static std::byte* write(std::byte* out, T const&);      // returns the end
///     static void read(PackedReader&, T&);                    // T = stored_t<T>
/// Bytes are for the program that wrote them: they are not the same on machines of other kinds.
template <class T>
struct Codec;

namespace detail {

template <class T>
struct IsTuple : std::false_type {};
template <class A, class B>
struct IsTuple<std::pair<A, B>> : std::true_type {};
template <class... A>
struct IsTuple<std::tuple<A...>> : std::true_type {};
template <class T, std::size_t N>
struct IsTuple<std::array<T, N>> : std::true_type {};

template <class T>
concept TupleLike = IsTuple<std::remove_cvref_t<T>>::value;

/// Types that are trivially copyable, but what they point at is not there.
template <class T>
inline constexpr bool is_view = std::is_same_v<T, std::string_view>;

template <class T>
constexpr bool is_flat();

template <class Tuple>
constexpr bool all_flat() {
    return []<std::size_t... I>(std::index_sequence<I...>) {
        return (is_flat<std::remove_cvref_t<std::tuple_element_t<I, Tuple>>>() && ...);
    }
    (std::make_index_sequence<std::tuple_size_v<Tuple>>{});
}

template <class T>
constexpr bool is_flat() {
    if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>)
        return true;
    else if constexpr (std::is_pointer_v<T> || std::is_reference_v<T>)
        return false;
    else if constexpr (is_view<T>)
        return false;
    else if constexpr (TupleLike<T>)
        return all_flat<T>();
    else if constexpr (HasMembersHook<T> || PlainAggregate<T>)
        return std::is_trivially_copyable_v<T> &&
               all_flat<decltype(members_of(std::declval<T&>()))>();
    else
        return std::is_trivially_copyable_v<T> && std::is_default_constructible_v<T>;
}

}  // namespace detail

/// Items that are packed as the bytes that they occupy. (std::pair is not trivially copyable by the
/// letter, for its assignment is not; its bytes may be copied all the same.)
template <class T>
concept Flat = detail::is_flat<T>() && alignof(T) <= 16;

// ---- stored_t: what is kept of an element that may be a view
// -------------------------------------

template <class T>
struct Stored {
    using type = T;
};
template <>
struct Stored<std::string_view> {
    using type = std::string;
};
template <class T>
struct Stored<std::optional<T>> {
    using type = std::optional<typename Stored<T>::type>;
};
template <class A, class B>
struct Stored<std::pair<A, B>> {
    using type = std::pair<typename Stored<A>::type, typename Stored<B>::type>;
};
template <class... A>
struct Stored<std::tuple<A...>> {
    using type = std::tuple<typename Stored<A>::type...>;
};

/// The owning counterpart of T: std::string for std::string_view, also inside pairs and tuples.
/// Elements of a dataset may be views into what lives while they are pushed; all that keeps
/// elements (results, exchanges, collect) keeps stored_t.
template <class T>
using stored_t = typename Stored<std::remove_cvref_t<T>>::type;

template <class T>
struct Viewed {
    using type = T;
};
template <>
struct Viewed<std::string> {
    using type = std::string_view;
};
template <class A, class B>
struct Viewed<std::pair<A, B>> {
    using type = std::pair<typename Viewed<A>::type, typename Viewed<B>::type>;
};
template <class... A>
struct Viewed<std::tuple<A...>> {
    using type = std::tuple<typename Viewed<A>::type...>;
};

/// The other way: what packed items can be read as without copying their text. Packed like T.
template <class T>
using viewed_t = typename Viewed<T>::type;

template <class T>
stored_t<T> to_stored(T&& value) {
    using Value = std::remove_cvref_t<T>;
    if constexpr (std::is_same_v<stored_t<T>, Value>)
        return std::forward<T>(value);
    else if constexpr (std::is_same_v<Value, std::string_view>)
        return std::string(value);
    else if constexpr (requires { value.has_value(); })
        return value.has_value() ? stored_t<T>(to_stored(*std::forward<T>(value))) : stored_t<T>();
    else if constexpr (requires { value.to_owned(); })
        return value.to_owned();
    else if constexpr (requires { value.to_vector(); })
        return stored_t<T>(value.key, value.to_vector());  // a Group
    else if constexpr (detail::TupleLike<Value>)
        return std::apply(
            [](auto&&... member) {
                return stored_t<T>(to_stored(std::forward<decltype(member)>(member))...);
            },
            std::forward<T>(value));
    else
        return std::apply([](auto const&... member) { return stored_t<T>{to_stored(member)...}; },
                          members_of(value));
}

// ---- reading
// -------------------------------------------------------------------------------------

/// A position in packed bytes. Lengths are checked, so that a damaged spill file is an error and
/// not a wild read.
class PackedReader {
  public:
    PackedReader(std::byte const* data, std::int64_t bytes) : next_(data), end_(data + bytes) {}

    bool at_end() const { return next_ == end_; }
    std::byte const* take(std::int64_t bytes) {
        check(bytes >= 0 && bytes <= end_ - next_, "packed data ends early");
        return std::exchange(next_, next_ + bytes);
    }
    template <class T>
    void copy_to(T& value) {
        std::memcpy(static_cast<void*>(&value), take(sizeof(T)), sizeof(T));
    }
    /// A length that was written by write_length; at least `item_bytes` bytes follow per item.
    std::int64_t take_length(std::int64_t item_bytes) {
        std::uint8_t small;
        copy_to(small);
        std::int64_t length = small;
        if (small == 255) copy_to(length);
        check(length >= 0 && (item_bytes == 0 || length <= (end_ - next_) / item_bytes),
              "packed data ends early");
        return length;
    }

  private:
    std::byte const* next_;
    std::byte const* end_;
};

namespace detail {

/// One byte up to 254, nine beyond.
inline std::int64_t length_bytes(std::size_t length) { return length < 255 ? 1 : 9; }

inline std::byte* write_length(std::byte* out, std::size_t length) {
    *out++ = static_cast<std::byte>(length < 255 ? length : 255);
    if (length < 255) return out;
    std::memcpy(out, &length, sizeof length);
    return out + sizeof length;
}

/// Written member by member: pairs, tuples, arrays, aggregates.
template <class T>
decltype(auto) parts_of(T& value) {
    if constexpr (TupleLike<T>)
        return (value);
    else
        return members_of(value);
}

/// std::tuple of the parts' types, references where members_of gives those.
template <class T>
struct PartsTuple {
    using type = std::remove_cvref_t<decltype(members_of(std::declval<T&>()))>;
};
template <class A, class B>
struct PartsTuple<std::pair<A, B>> {
    using type = std::tuple<A, B>;
};
template <class... A>
struct PartsTuple<std::tuple<A...>> {
    using type = std::tuple<A...>;
};
template <class T>
using TupleOfParts = typename PartsTuple<T>::type;

template <class T>
concept HasParts = TupleLike<T> || HasMembersHook<T> || PlainAggregate<T>;

}  // namespace detail

template <Flat T>
struct Codec<T> {
    static std::int64_t size(T const&) { return sizeof(T); }
    static std::byte* write(std::byte* out, [[maybe_unused]] T const& value) {
        if constexpr (std::is_empty_v<T>)
            *out = std::byte{0};  // its one byte has no value
        else
            std::memcpy(out, static_cast<void const*>(&value), sizeof(T));
        return out + sizeof(T);
    }
    static void read(PackedReader& in, T& value) { in.copy_to(value); }
};

template <>
struct Codec<std::string_view> {
    static std::int64_t size(std::string_view text) {
        return detail::length_bytes(text.size()) + static_cast<std::int64_t>(text.size());
    }
    static std::byte* write(std::byte* out, std::string_view text) {
        out = detail::write_length(out, text.size());
        copy_bytes(out, text.data(), text.size());
        return out + text.size();
    }
    /// A view of the packed bytes.
    static void read(PackedReader& in, std::string_view& text) {
        std::int64_t const length = in.take_length(1);
        text = {reinterpret_cast<char const*>(in.take(length)), static_cast<std::size_t>(length)};
    }
};

template <>
struct Codec<std::string> : Codec<std::string_view> {
    static void read(PackedReader& in, std::string& text) {
        std::string_view view;
        Codec<std::string_view>::read(in, view);
        text = view;
    }
};

template <class T>
struct Codec<std::vector<T>> {
    static std::int64_t size(std::vector<T> const& items) {
        std::int64_t bytes = detail::length_bytes(items.size());
        for (T const& item : items) bytes += Codec<T>::size(item);
        return bytes;
    }
    static std::byte* write(std::byte* out, std::vector<T> const& items) {
        out = detail::write_length(out, items.size());
        for (T const& item : items) out = Codec<T>::write(out, item);
        return out;
    }
    static void read(PackedReader& in, std::vector<T>& items) {
        items.clear();
        std::int64_t const length = in.take_length(Flat<T> ? sizeof(T) : 0);
        for (std::int64_t i = 0; i < length; ++i) {
            T item{};
            Codec<T>::read(in, item);
            items.push_back(std::move(item));
        }
    }
};

template <class T>
requires(!Flat<std::optional<T>>) struct Codec<std::optional<T>> {
    static std::int64_t size(std::optional<T> const& item) {
        return 1 + (item ? Codec<T>::size(*item) : 0);
    }
    static std::byte* write(std::byte* out, std::optional<T> const& item) {
        *out++ = static_cast<std::byte>(item.has_value());
        return item ? Codec<T>::write(out, *item) : out;
    }
    static void read(PackedReader& in, std::optional<T>& item) {
        std::uint8_t present;
        in.copy_to(present);
        if (present)
            Codec<T>::read(in, item.emplace());
        else
            item.reset();
    }
};

template <class T>
requires(!Flat<T> && detail::HasParts<T>) struct Codec<T> {
    template <class Part>
    using Of = Codec<std::remove_cvref_t<Part>>;

    static std::int64_t size(T const& value) {
        return std::apply(
            [](auto const&... part) { return (Of<decltype(part)>::size(part) + ... + 0); },
            detail::parts_of(value));
    }
    static std::byte* write(std::byte* out, T const& value) {
        std::apply(
            [&](auto const&... part) { ((out = Of<decltype(part)>::write(out, part)), ...); },
            detail::parts_of(value));
        return out;
    }
    static void read(PackedReader& in, T& value) {
        std::apply([&](auto&... part) { (Of<decltype(part)>::read(in, part), ...); },
                   detail::parts_of(value));
    }
};

/// What a dataset's wide operations, results and actions can carry.
template <class T>
concept Packable = requires(T const& value, std::byte* out) {
    { Codec<std::remove_cvref_t<T>>::size(value) } -> std::convertible_to<std::int64_t>;
    { Codec<std::remove_cvref_t<T>>::write(out, value) } -> std::same_as<std::byte*>;
};

}  // namespace partita::dataset
