#pragma once

#include "partita/dataset/growing_array.hpp"
#include "partita/dataset/radix_sort.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <type_traits>
#include <utility>

namespace partita::dataset {

/// Items in memory, to be sorted stably: flat ones, and those whose keys have no words.
template <class T, class KeyOf, class Less>
class ItemRun {
    using Key = std::remove_cvref_t<std::invoke_result_t<KeyOf const&, T const&>>;

  public:
    ItemRun(MemoryAccount& memory, KeyOf const& key_of, Less const& less)
        : memory_(memory), key_of_(key_of), less_(less), items_(memory) {}

    std::int64_t size() const { return items_.size(); }
    /// What the items take, with what sorting them will: as much again, if not for growing.
    std::int64_t memory_bytes() const {
        return 2 * (elsewhere_bytes_ + size() * static_cast<std::int64_t>(sizeof(T)));
    }

    void add(T item) {
        if constexpr (!Flat<T>) elsewhere_bytes_ += Codec<T>::size(item);
        items_.push_back(std::move(item));
    }

    /// Call write(T const&) for the items in ascending order, then forget them.
    template <class Write>
    void sort_into(Write&& write) {
        sort();
        for (std::int64_t i = 0; i < items_.size(); ++i) write(std::as_const(items_[i]));
        items_.clear();
        elsewhere_bytes_ = 0;
    }
    /// The items in ascending order, packed; none are left.
    PooledBuffer take_sorted() requires Flat<T> {
        sort();
        return items_.take_block();
    }

  private:
    void sort() {
        if (size() < 2) return;
        T* const items = &items_[0];
        if constexpr (Flat<T> && RadixKey<Key, Less>) {
            PooledBuffer room(memory_, size() * static_cast<std::int64_t>(sizeof(T)));
            radix_sort(items, reinterpret_cast<T*>(room.data()), size(), [this](T const& item) {
                return radix_of<Less, Key>(std::invoke(key_of_, item));
            });
        } else {
            std::stable_sort(items, items + size(), [this](T const& a, T const& b) {
                return less_(std::invoke(key_of_, a), std::invoke(key_of_, b));
            });
        }
    }

    MemoryAccount& memory_;
    KeyOf const& key_of_;
    Less const& less_;
    GrowingArray<T> items_;
    std::int64_t elsewhere_bytes_ = 0;  ///< What items that are not flat hold, about.
};

}  // namespace partita::dataset
