#pragma once

#include "partita/dataset/piece_store.hpp"
#include "partita/frame/block.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace partita::frame {

/// How many partitions a wide operation's result has: a power of two that depends on the input's
/// number only.
std::int64_t wide_partitions(std::int64_t input_partitions);

/// Which of `partitions` (a power of two) a hash belongs to: its upper bits, since tables of keys
/// use the lower ones.
inline std::int64_t partition_of(std::uint64_t hash, std::int64_t partitions) {
    return static_cast<std::int64_t>(
        (static_cast<unsigned __int128>(hash) * static_cast<std::uint64_t>(partitions)) >> 64);
}

/// Rows in the order of their labels, those of one label in their order.
struct SortedByLabel {
    SortedByLabel(std::span<std::uint16_t const> labels, std::int64_t count);
    std::vector<std::uint32_t> order;
    std::vector<std::int64_t> starts;  ///< Of each label in `order`, and the end.
};

/// Where the rows of a batch go, by the hashes of their keys: one of a number of labels.
using LabelRows = std::function<void(std::span<std::uint64_t const> hashes, std::uint16_t* labels)>;

/// Sends the rows of one source partition to the partitions that hashes of their keys name. Rows
/// are gathered until they are worth to be sorted by partition.
class Scatter {
  public:
    /// @param keys  The columns that are hashed.
    Scatter(dataset::PieceStore& store, std::shared_ptr<Schema const> schema,
            std::vector<std::int64_t> keys, std::int64_t source, std::int64_t partitions);
    /// The same with labels of another kind, below `labels`, for partitions.
    Scatter(dataset::PieceStore& store, std::shared_ptr<Schema const> schema,
            std::vector<std::int64_t> keys, std::int64_t source, std::int64_t labels,
            LabelRows label_rows);

    void add(Block const& block);
    void finish();

  private:
    void send(Block const& block);

    dataset::PieceStore& store_;
    std::shared_ptr<Schema const> schema_;
    std::vector<std::int64_t> keys_;
    std::int64_t source_, partitions_;
    LabelRows label_rows_;
    std::int64_t sequence_ = 0;
    std::vector<Block> waiting_;
    std::int64_t waiting_rows_ = 0, waiting_bytes_ = 0, most_bytes_;
};

}  // namespace partita::frame
