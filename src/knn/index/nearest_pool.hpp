#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

namespace partita::knn {

/// A vector that a walk over a graph reached.
struct Reached {
    float score;  ///< Smaller is nearer: squared L2 or minus the inner product, in float32.
    std::int32_t node;
    friend bool operator<(Reached a, Reached b) {
        return a.score < b.score || (a.score == b.score && a.node < b.node);
    }
};

/// The nearest nodes that a best-first search has reached, in order of (score, node), each with a
/// note whether it has been expanded. One sorted array does the work of the two heaps of the
/// textbook: what falls off its end could not have been expanded either.
class NearestPool {
  public:
    /// Empty, to hold the `capacity` nearest, and hand out those among the `breadth` nearest.
    void restart(std::int64_t capacity, std::int64_t breadth) {
        if (static_cast<std::int64_t>(keys_.size()) < capacity + 1)
            keys_.resize(static_cast<std::size_t>(capacity) + 1);
        capacity_ = capacity;
        breadth_ = std::min(breadth, capacity);
        size_ = next_ = 0;
    }

    std::int64_t size() const { return size_; }
    Reached operator[](std::int64_t i) const { return {score_of(at(i)), node_of(at(i))}; }

    /// Take in a node, unless the pool is full of nearer ones. A node may be offered once only.
    void offer(Reached reached) {
        std::uint64_t const key = key_of(reached);
        if (size_ == capacity_) {
            if (key > keys_[static_cast<std::size_t>(size_ - 1)]) return;
            --size_;
        }
        auto const begin = keys_.begin(), end = begin + size_;
        auto const place = std::upper_bound(begin, end, key);
        std::copy_backward(place, end, end + 1);
        *place = key;
        ++size_;
        next_ = std::min<std::int64_t>(next_, place - begin);
    }

    /// The nearest node not expanded yet, which from now on is; -1 if the breadth has none.
    std::int32_t take_next() {
        while (next_ < size_ && (at(next_) & expanded) != 0) ++next_;
        if (next_ >= std::min(size_, breadth_)) return -1;
        std::uint64_t& key = keys_[static_cast<std::size_t>(next_++)];
        key |= expanded;
        return node_of(key);
    }

    /// What take_next will return, unless a nearer one is offered before; a guess.
    std::int32_t peek_next() const {
        return next_ < size_ && (at(next_) & expanded) == 0 ? node_of(at(next_)) : -1;
    }

  private:
    // Score, then node, then a bit: integers that compare as (score, node) does.
    static constexpr std::uint64_t expanded = 1;

    static std::uint64_t key_of(Reached reached) {
        auto const bits = std::bit_cast<std::uint32_t>(reached.score + 0.0f);  // no minus zero
        std::uint32_t const ordered = bits ^ ((bits >> 31) != 0 ? ~0u : 0x80000000u);
        return std::uint64_t{ordered} << 32 |
               static_cast<std::uint64_t>(static_cast<std::uint32_t>(reached.node)) << 1;
    }
    static float score_of(std::uint64_t key) {
        auto const ordered = static_cast<std::uint32_t>(key >> 32);
        return std::bit_cast<float>(ordered ^ ((ordered >> 31) != 0 ? 0x80000000u : ~0u));
    }
    static std::int32_t node_of(std::uint64_t key) {
        return static_cast<std::int32_t>(static_cast<std::uint32_t>(key) >> 1);
    }
    std::uint64_t at(std::int64_t i) const { return keys_[static_cast<std::size_t>(i)]; }

    std::vector<std::uint64_t> keys_;
    std::int64_t capacity_ = 0, breadth_ = 0, size_ = 0, next_ = 0;
};

}  // namespace partita::knn
