#include "frame/group/bucket_labels.hpp"

#include "frame/group/scatter.hpp"

#include <bitset>

namespace partita::frame {

BucketLabels::BucketLabels(std::int64_t partitions)
    : partitions_(partitions), met_(static_cast<std::size_t>(buckets)) {}

void BucketLabels::label(std::span<std::uint64_t const> hashes, std::uint16_t* labels) {
    std::bitset<buckets> met;
    for (std::size_t i = 0; i < hashes.size(); ++i) {
        labels[i] = static_cast<std::uint16_t>(frame::partition_of(hashes[i], buckets));
        met.set(labels[i]);
    }
    for (std::size_t bucket = 0; bucket < met.size(); ++bucket)
        if (met[bucket]) met_[bucket].store(1, std::memory_order_relaxed);
    if (met.count() <= few) return;
    for (std::size_t i = 0; i < hashes.size(); ++i)
        labels[i] =
            static_cast<std::uint16_t>(buckets + frame::partition_of(hashes[i], partitions_));
}

void BucketLabels::agree(Communicator const& comm) {
    std::vector<std::uint8_t> const mine(met_.begin(), met_.end());
    std::vector<std::uint8_t> const all =
        comm.all_gather_varying(std::span<std::uint8_t const>(mine));
    std::vector<std::int64_t> there;
    for (std::int64_t bucket = 0; bucket < buckets; ++bucket)
        for (std::size_t at = static_cast<std::size_t>(bucket); at < all.size(); at += buckets)
            if (all[at]) {
                there.push_back(bucket);
                break;
            }
    partition_of_bucket_.resize(static_cast<std::size_t>(buckets));
    auto const count = static_cast<std::int64_t>(there.size());
    if (count <= few)
        for (std::int64_t i = 0; i < count; ++i)
            partition_of_bucket_[static_cast<std::size_t>(there[static_cast<std::size_t>(i)])] =
                i * partitions_ / count;
    else
        for (std::int64_t bucket = 0; bucket < buckets; ++bucket)
            partition_of_bucket_[static_cast<std::size_t>(bucket)] = bucket * partitions_ / buckets;
}

std::int64_t BucketLabels::partition(std::int64_t label) const {
    return label >= buckets ? label - buckets
                            : partition_of_bucket_[static_cast<std::size_t>(label)];
}

}  // namespace partita::frame
