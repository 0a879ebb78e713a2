#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/frame/block.hpp"

#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

namespace partita::frame {

/// Shares groups out over partitions evenly, also when there are few of them: ten groups that are
/// placed by their hashes may well be seven on one of two ranks.
///
/// Rows are labelled with one of 4,096 buckets of hashes while no batch of rows meets more than 64
/// of them, and with the partition of their hash otherwise. When all rows have been seen, and all
/// ranks' buckets together are at most 64, these are dealt out to the partitions in order, at even
/// distances. Which of the two happens depends on the keys alone. Thread-safe.
class BucketLabels {
  public:
    /// @param partitions  A power of two, 64 or more.
    explicit BucketLabels(std::int64_t partitions);

    std::int64_t labels() const { return buckets + partitions_; }
    void label(std::span<std::uint64_t const> hashes, std::uint16_t* labels);
    /// Tell all ranks which buckets were met. Collective.
    void agree(Communicator const& comm);
    /// The partition of what has a label.
    std::int64_t partition(std::int64_t label) const;

  private:
    static constexpr std::int64_t buckets = 4096, few = 64;

    std::int64_t partitions_;
    std::vector<std::atomic<std::uint8_t>> met_;
    std::vector<std::int64_t> partition_of_bucket_;
};

}  // namespace partita::frame
