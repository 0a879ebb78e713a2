#pragma once

#include "partita/dataset/codec.hpp"
#include "partita/dataset/radix_sort.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace partita::dataset {

/// A key as a sequence of 64-bit words that orders as the key does: what sorting and splitters
/// compare instead of keys that are not flat.
///
/// A number is one word (see radix_of). A text is words of its next seven bytes and, in the lowest
/// byte, how many those are, or eight when more follow: the shorter of two texts comes first, and
/// the word that ends a text says so. Pairs and tuples are their members' words one after another.
/// So two keys whose words are equal up to a place have that place in the same member.

namespace detail {

template <class Key>
inline constexpr bool is_text =
    std::is_same_v<Key, std::string> || std::is_same_v<Key, std::string_view>;

/// Whether keys have words, and how many numbers and texts are in them.
template <class Key>
struct WordLeaves {
    static constexpr bool known = is_text<Key> || RadixKey<Key, std::less<>>;
    static constexpr std::size_t count = 1;
};
template <class... A>
struct WordLeaves<std::tuple<A...>> {
    static constexpr bool known = (WordLeaves<std::remove_cvref_t<A>>::known && ...);
    static constexpr std::size_t count = (WordLeaves<std::remove_cvref_t<A>>::count + ... + 0);
};
template <class A, class B>
struct WordLeaves<std::pair<A, B>> : WordLeaves<std::tuple<A, B>> {};

template <class Part, std::size_t N>
constexpr void mark_texts(std::array<bool, N>& marks, std::size_t& leaf) {
    if constexpr (TupleLike<Part>) {
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (mark_texts<std::remove_cvref_t<std::tuple_element_t<I, Part>>>(marks, leaf), ...);
        }
        (std::make_index_sequence<std::tuple_size_v<Part>>{});
    } else {
        marks[leaf++] = is_text<Part>;
    }
}
template <class Key>
constexpr auto text_leaves() {
    std::array<bool, WordLeaves<Key>::count> marks{};
    std::size_t leaf = 0;
    mark_texts<Key>(marks, leaf);
    return marks;
}

}  // namespace detail

/// Keys that have words and are not sorted by one number: texts, pairs and tuples.
template <class Key, class Less>
concept WordKey =
    detail::WordLeaves<Key>::known && !std::is_arithmetic_v<Key> &&
    (detail::WordLeaves<Key>::count > 0) && (is_ascending<Less, Key> || is_descending<Less, Key>);

/// Where a word begins.
struct WordPlace {
    std::size_t leaf = 0;     ///< Which of the key's numbers and texts.
    std::int64_t offset = 0;  ///< In a text.
};

/// The word of a text at `offset`, which is at most its size.
inline std::uint64_t text_word(std::string_view text, std::int64_t offset) {
    char const* const at = text.data() + offset;
    std::size_t const left = text.size() - static_cast<std::size_t>(offset);
    std::uint64_t bytes = 0;
    if (left >= 8) {
        std::memcpy(&bytes, at, 8);
        return (__builtin_bswap64(bytes) & ~std::uint64_t{0xff}) | 8;
    }
    for (std::size_t i = 0; i < left; ++i)
        bytes |= std::uint64_t{static_cast<unsigned char>(at[i])} << (56 - 8 * i);
    return bytes | left;
}

/// The words of keys of one type, ascending by `Less`.
template <class Key, class Less>
class KeyWords {
  public:
    /// The word of a key at a place.
    template <class AnyKey>
    static std::uint64_t word(AnyKey const& key, WordPlace place) {
        std::uint64_t const ascending = ascending_word(key, place);
        return descending ? ~ascending : ascending;
    }

    /// Go on to the next word of keys that have this one. @returns false at the end.
    static bool next(WordPlace& place, std::uint64_t word) {
        std::uint64_t const ascending = descending ? ~word : word;
        if (is_text_leaf[place.leaf] && (ascending & 0xff) == 8) {
            place.offset += 7;
            return true;
        }
        ++place.leaf;
        place.offset = 0;
        return place.leaf < leaves;
    }

  private:
    static constexpr bool descending = is_descending<Less, Key>;
    static constexpr std::size_t leaves = detail::WordLeaves<Key>::count;

    static constexpr std::array<bool, leaves> is_text_leaf = detail::text_leaves<Key>();

    template <class Part>
    static std::uint64_t ascending_word(Part const& part, WordPlace place) {
        if constexpr (detail::TupleLike<Part>) {
            return [&]<std::size_t... I>(std::index_sequence<I...>) {
                std::uint64_t word = 0;
                std::size_t first = 0;
                (find_member(std::get<I>(part), place, first, word) || ...);
                return word;
            }
            (std::make_index_sequence<std::tuple_size_v<Part>>{});
        } else if constexpr (detail::is_text<Part>) {
            return text_word(part, place.offset);
        } else {
            return radix_of<std::less<>, Part>(part);
        }
    }
    /// The word, if the place is in this member, whose first leaf is `first`.
    template <class Member>
    static bool find_member(Member const& member, WordPlace place, std::size_t& first,
                            std::uint64_t& word) {
        constexpr std::size_t count = detail::WordLeaves<Member>::count;
        if (place.leaf >= first + count) {
            first += count;
            return false;
        }
        word = ascending_word(member, {place.leaf - first, place.offset});
        return true;
    }
};

/// Functions of an item that give a key, and take views of items as well as items: they are known
/// not to care. (A function of the user's might.)
struct WholeItem {
    using takes_views = void;
    template <class Item>
    Item const& operator()(Item const& item) const {
        return item;
    }
};
struct FirstOfItem {
    using takes_views = void;
    template <class Item>
    auto const& operator()(Item const& item) const {
        return item.first;
    }
};

template <class KeyOf>
concept TakesViews = requires {
    typename KeyOf::takes_views;
};

/// What items are read as to take their keys.
template <class T, class KeyOf>
using read_for = std::conditional_t<TakesViews<KeyOf>, viewed_t<T>, T>;

}  // namespace partita::dataset
