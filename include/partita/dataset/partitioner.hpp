#pragma once

#include "partita/core/error.hpp"
#include "partita/dataset/key_hash.hpp"

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace partita::dataset {

/// What decides to which partition a key goes: any callable with a partition count.
///
/// partition_of must depend on the key alone and give 0 <= p < num_partitions(). Equality says
/// that two partitioners place every key alike; operations on data that is placed already then
/// exchange nothing.
template <class P, class Key>
concept PartitionerOf = std::equality_comparable<P> && std::copy_constructible<P> &&
    requires(P const& partitioner, Key const& key) {
    { partitioner.num_partitions() } -> std::convertible_to<std::int64_t>;
    { partitioner.partition_of(key) } -> std::convertible_to<std::int64_t>;
};

/// partition_of, refusing what lies outside.
template <class P, class Key>
std::int64_t checked_partition(P const& partitioner, Key const& key) {
    auto const partition = static_cast<std::int64_t>(partitioner.partition_of(key));
    check(partition >= 0 && partition < static_cast<std::int64_t>(partitioner.num_partitions()),
          "partitioner: expected a partition in [0, {}), got {}", partitioner.num_partitions(),
          partition);
    return partition;
}

/// Spreads keys by key_hash. Uses the hash's high half: tables use the low one, and one half for
/// both would put a partition's keys into few of its table's slots.
class HashPartitioner {
  public:
    explicit HashPartitioner(std::int64_t partitions) : partitions_(partitions) {}

    std::int64_t num_partitions() const { return partitions_; }
    std::int64_t partition_of_hash(std::uint64_t hash) const {
        return static_cast<std::int64_t>(
            (static_cast<unsigned __int128>(hash) * static_cast<std::uint64_t>(partitions_)) >> 64);
    }
    template <Hashable Key>
    std::int64_t partition_of(Key const& key) const {
        return partition_of_hash(key_hash(key));
    }
    friend bool operator==(HashPartitioner, HashPartitioner) = default;
    std::string describe() const { return "hash(" + std::to_string(partitions_) + ")"; }

  private:
    std::int64_t partitions_;
};

/// Partition i holds the keys up to and including bounds[i], the last one the rest: a key is never
/// split over partitions.
template <class Key, class Less = std::less<>>
class RangePartitioner {
  public:
    /// @param bounds  Ascending.
    explicit RangePartitioner(std::vector<Key> bounds, Less less = {})
        : bounds_(std::make_shared<std::vector<Key> const>(std::move(bounds))), less_(less) {}

    std::int64_t num_partitions() const { return static_cast<std::int64_t>(bounds_->size()) + 1; }
    template <class AnyKey>
    std::int64_t partition_of(AnyKey const& key) const {
        return std::lower_bound(bounds_->begin(), bounds_->end(), key, less_) - bounds_->begin();
    }
    friend bool operator==(RangePartitioner const& a, RangePartitioner const& b) {
        return a.bounds_ == b.bounds_ || *a.bounds_ == *b.bounds_;
    }
    std::string describe() const { return "range(" + std::to_string(num_partitions()) + ")"; }

  private:
    std::shared_ptr<std::vector<Key> const> bounds_;
    Less less_;
};

/// How a dataset's pairs are placed by their keys, if that is known: a partitioner whose type is
/// forgotten.
class Placement {
  public:
    Placement() = default;

    /// Placed by `partitioner`, whose keys are stored as Key.
    template <class Key, PartitionerOf<Key> P>
    static Placement by(P partitioner) {
        Placement placement;
        placement.known_ = std::make_shared<KnownBy<Key, P>>(std::move(partitioner));
        return placement;
    }

    explicit operator bool() const { return known_ != nullptr; }
    friend bool operator==(Placement const& a, Placement const& b) {
        return a.known_ && b.known_ && (a.known_ == b.known_ || a.known_->equals(*b.known_));
    }
    std::string describe() const { return known_ ? known_->describe() : "none"; }

    /// What the partitioner says; the placement is known and of keys of this type.
    template <class Key>
    std::int64_t partition_of(Key const& key) const {
        auto const* const known = dynamic_cast<KnownFor<Key> const*>(known_.get());
        check(known != nullptr, "expected pairs that are placed by keys of this type");
        return known->partition_of(key);
    }

  private:
    struct Known {
        virtual ~Known() = default;
        virtual bool equals(Known const& other) const = 0;
        virtual std::string describe() const = 0;
    };
    template <class Key>
    struct KnownFor : Known {
        virtual std::int64_t partition_of(Key const& key) const = 0;
    };
    template <class Key, class P>
    struct KnownBy : KnownFor<Key> {
        explicit KnownBy(P p) : partitioner(std::move(p)) {}
        bool equals(Known const& other) const override {
            auto const* same = dynamic_cast<KnownBy const*>(&other);
            return same && same->partitioner == partitioner;
        }
        std::string describe() const override {
            if constexpr (requires { partitioner.describe(); })
                return partitioner.describe();
            else
                return "custom(" + std::to_string(partitioner.num_partitions()) + ")";
        }
        std::int64_t partition_of(Key const& key) const override {
            return checked_partition(partitioner, key);
        }
        P partitioner;
    };

    std::shared_ptr<Known const> known_;
};

}  // namespace partita::dataset
