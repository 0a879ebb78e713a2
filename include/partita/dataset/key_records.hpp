#pragma once

#include "partita/dataset/ordered_bytes.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace partita::dataset {

/// How the values of a key are ordered.
enum class ValueOrder {
    ascending,
    descending,
    most_frequent,  ///< By how often the value occurs with its key, equal counts by value.
    least_frequent
};

/// Pairs (key, value) as byte strings that sort by key, then value: what per-key sorts work on.
///
/// A value's flag of being there (std::optional) comes first in any order, so that nulls keep their
/// end; a count goes between it and the value.
template <class K, class V>
class KeyRecords {
    using Keys = OrderedBytes<K>;

  public:
    struct Options {
        bool descending = false;  ///< Values, not nulls.
        bool nulls_last = false;
    };

    explicit KeyRecords(Options options) : options_(options) {}

    void append(std::string& out, K const& key, V const& value) const {
        Keys::append(out, key, options_.nulls_last);
        std::size_t const start = out.size();
        if (!options_.descending) return detail::append_last<V>(out, value, options_.nulls_last);
        // A shorter text must come after those that it begins: its end mark, inverted, sees to it.
        OrderedBytes<V>::append(out, value, options_.nulls_last);
        invert(out, start + flag_bytes);
    }

    static std::size_t key_end(std::string_view record) { return Keys::end_of(record, 0); }

    /// The value in the bytes behind the key; `room` and `scratch` must outlive the view.
    auto value(std::string_view bytes, typename OrderedBytes<V>::Room& room,
               std::string& scratch) const {
        if (!options_.descending) return detail::read_last<V>(bytes, 0, room);
        scratch.assign(bytes);
        invert(scratch, flag_bytes);
        std::size_t at = 0;
        return OrderedBytes<V>::read(scratch, at, room);
    }

    /// The record with `count` between the flag and the value, so that larger counts sort first (or
    /// last).
    static void append_counted(std::string& out, std::string_view record, std::uint64_t count,
                               bool most_first) {
        std::size_t const split = key_end(record) + flag_bytes;
        out.append(record.substr(0, split));
        OrderedBytes<std::uint64_t>::append(out, most_first ? ~count : count);
        out.append(record.substr(split));
    }
    /// Take the count out of what is behind the key again.
    static std::uint64_t take_count(std::string_view bytes, bool most_first, std::string& value) {
        std::size_t at = flag_bytes;
        OrderedBytes<std::uint64_t>::Room none;
        std::uint64_t const count = OrderedBytes<std::uint64_t>::read(bytes, at, none);
        value.assign(bytes.substr(0, flag_bytes));
        value.append(bytes.substr(at));
        return most_first ? ~count : count;
    }

  private:
    template <class T>
    struct FlagBytes {
        static constexpr std::size_t value = 0;
    };
    template <class T>
    struct FlagBytes<std::optional<T>> {
        static constexpr std::size_t value = 1;
    };
    static constexpr std::size_t flag_bytes = FlagBytes<V>::value;

    static void invert(std::string& bytes, std::size_t start) {
        for (std::size_t i = start; i < bytes.size(); ++i) bytes[i] = static_cast<char>(~bytes[i]);
    }

    Options options_;
};

}  // namespace partita::dataset
