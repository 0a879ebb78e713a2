#pragma once

#include "partita/dataset/codec.hpp"
#include "partita/dataset/memory_account.hpp"
#include "partita/dataset/text_key.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>
#include <vector>

namespace partita::dataset {

/// Items that can be moved by copying their bytes: flat ones, and keys of tables beside such.
template <class T>
inline constexpr bool moves_as_bytes = Flat<T>;
template <class A, class B>
inline constexpr bool moves_as_bytes<std::pair<A, B>> = (Flat<A> ||
                                                         std::is_same_v<A, TextKey>)&&Flat<B>;

/// A vector whose elements lie in pooled pages if their bytes may be copied; flat ones can be taken
/// out as a packed block.
template <class T>
class GrowingArray {
  public:
    explicit GrowingArray(MemoryAccount&) {}

    std::int64_t size() const { return static_cast<std::int64_t>(items_.size()); }
    T& operator[](std::int64_t i) { return items_[static_cast<std::size_t>(i)]; }
    T const& operator[](std::int64_t i) const { return items_[static_cast<std::size_t>(i)]; }
    void push_back(T item) { items_.push_back(std::move(item)); }
    void clear() { items_.clear(); }
    void truncate(std::int64_t size) {
        items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(size), items_.end());
    }

  private:
    std::vector<T> items_;
};

template <class T>
requires moves_as_bytes<T>
class GrowingArray<T> {
  public:
    explicit GrowingArray(MemoryAccount& account) : account_(account) {}

    std::int64_t size() const { return size_; }
    T& operator[](std::int64_t i) { return data_[i]; }
    T const& operator[](std::int64_t i) const { return data_[i]; }
    void push_back(T const& item) {
        if (size_ == room_) [[unlikely]]
            grow();
        std::memcpy(static_cast<void*>(data_ + size_++), static_cast<void const*>(&item),
                    sizeof(T));
    }
    void clear() { size_ = 0; }
    void truncate(std::int64_t size) { size_ = size; }

    /// The elements as a packed block that wastes at most a quarter; leaves the array empty.
    PooledBuffer take_block() requires Flat<T> {
        std::int64_t const bytes = size_ * static_cast<std::int64_t>(sizeof(T));
        if (bytes < buffer_.capacity() / 4 * 3) {
            PooledBuffer fitting(account_, bytes);
            if (bytes > 0)
                std::memcpy(fitting.data(), buffer_.data(), static_cast<std::size_t>(bytes));
            buffer_ = std::move(fitting);
        }
        buffer_.set_size(bytes);
        size_ = room_ = 0;
        data_ = nullptr;
        return std::exchange(buffer_, PooledBuffer());
    }

  private:
    void grow() {
        std::int64_t const room = std::max<std::int64_t>(64, 2 * room_);
        PooledBuffer larger(account_, room * static_cast<std::int64_t>(sizeof(T)));
        if (size_ > 0)
            std::memcpy(larger.data(), buffer_.data(), static_cast<std::size_t>(size_) * sizeof(T));
        buffer_ = std::move(larger);
        data_ = reinterpret_cast<T*>(buffer_.data());
        room_ = buffer_.capacity() / static_cast<std::int64_t>(sizeof(T));
    }

    MemoryAccount& account_;
    PooledBuffer buffer_;
    T* data_ = nullptr;
    std::int64_t size_ = 0, room_ = 0;
};

}  // namespace partita::dataset
