#pragma once

#include "partita/dataset/codec.hpp"
#include "partita/dataset/run_merge.hpp"

#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

namespace partita::dataset {

/// A key's values, one after another in the dataset's order. They may exceed memory, so they can be
/// gone through once, while the group is at hand: an input range.
template <class V>
class GroupValues {
    using Numbered = std::pair<std::int64_t, V>;  // (number of the group, value)

  public:
    GroupValues(ItemCursor<Numbered>& cursor, std::int64_t size)
        : cursor_(&cursor), size_(size), left_(size) {}

    /// How many values the key has.
    std::int64_t size() const { return size_; }

    class Iterator {
      public:
        using value_type = V;
        using difference_type = std::int64_t;
        using iterator_category = std::input_iterator_tag;
        using reference = V const&;
        using pointer = V const*;

        explicit Iterator(GroupValues* values) : values_(values) {}
        V const& operator*() const { return values_->value(); }
        V const* operator->() const { return &**this; }
        Iterator& operator++() {
            values_->skip();
            return *this;
        }
        void operator++(int) { ++*this; }
        friend bool operator==(Iterator const& a, std::default_sentinel_t) {
            return a.values_->left() == 0;
        }

      private:
        GroupValues* values_;
    };

    Iterator begin() { return Iterator(this); }
    std::default_sentinel_t end() const { return {}; }

    /// The value that is next; left() > 0.
    V const& value() const { return cursor_->item().second; }
    /// Go to the next value, or past the last.
    void skip() {
        --left_;
        cursor_->next();
    }
    std::int64_t left() const { return left_; }

  private:
    ItemCursor<Numbered>* cursor_;
    std::int64_t size_, left_;
};

/// A key with its values: what group_by_key pushes. A view: collected or exchanged it becomes
/// std::pair(key, vector of values).
template <class K, class V>
struct Group {
    K key;
    GroupValues<V>* stream;

    GroupValues<V>& values() const { return *stream; }

    /// The values as a vector, for keys whose values are known to be few.
    std::vector<V> to_vector() const {
        std::vector<V> all;
        all.reserve(static_cast<std::size_t>(stream->left()));
        for (V const& value : *stream) all.push_back(value);
        return all;
    }
};

template <class K, class V>
struct Stored<Group<K, V>> {
    using type = std::pair<K, std::vector<V>>;
};

}  // namespace partita::dataset
