#include "frame/group/scatter.hpp"

#include "frame/block_codec.hpp"
#include "frame/group/keys.hpp"

#include <algorithm>
#include <bit>

namespace partita::frame {

namespace {

constexpr std::int64_t fewest_partitions = 64, most_partitions = 4096;
constexpr std::int64_t enough_rows = 1 << 16, enough_bytes = 2 << 20;

}  // namespace

std::int64_t wide_partitions(std::int64_t input_partitions) {
    std::int64_t const wanted = std::clamp(input_partitions, fewest_partitions, most_partitions);
    return static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(wanted)));
}

SortedByLabel::SortedByLabel(std::span<std::uint16_t const> labels, std::int64_t count)
    : order(labels.size()), starts(static_cast<std::size_t>(count) + 1, 0) {
    for (std::uint16_t const label : labels) ++starts[label + std::size_t{1}];
    for (std::size_t label = 1; label < starts.size(); ++label) starts[label] += starts[label - 1];
    std::vector<std::int64_t> next(starts.begin(), starts.end() - 1);
    for (std::size_t i = 0; i < labels.size(); ++i)
        order[static_cast<std::size_t>(next[labels[i]]++)] = static_cast<std::uint32_t>(i);
}

Scatter::Scatter(dataset::PieceStore& store, std::shared_ptr<Schema const> schema,
                 std::vector<std::int64_t> keys, std::int64_t source, std::int64_t partitions)
    : Scatter(store, std::move(schema), std::move(keys), source, partitions,
              [partitions](std::span<std::uint64_t const> hashes, std::uint16_t* labels) {
                  for (std::size_t i = 0; i < hashes.size(); ++i)
                      labels[i] = static_cast<std::uint16_t>(partition_of(hashes[i], partitions));
              }) {}

Scatter::Scatter(dataset::PieceStore& store, std::shared_ptr<Schema const> schema,
                 std::vector<std::int64_t> keys, std::int64_t source, std::int64_t labels,
                 LabelRows label_rows)
    : store_(store),
      schema_(std::move(schema)),
      keys_(std::move(keys)),
      source_(source),
      partitions_(labels),
      label_rows_(std::move(label_rows)),
      most_bytes_(std::min(enough_bytes, store.context().memory().working_limit() /
                                             store.context().threads() / 8)) {}

void Scatter::add(Block const& block) {
    if (waiting_.empty() && (block.rows() >= enough_rows || block.bytes() >= most_bytes_))
        return send(block);
    waiting_.push_back(block.owned());
    waiting_rows_ += block.rows();
    waiting_bytes_ += block.bytes();
    if (waiting_rows_ >= enough_rows || waiting_bytes_ >= most_bytes_) finish();
}

void Scatter::finish() {
    if (!waiting_.empty()) send(concatenate(schema_, waiting_));
    waiting_.clear();
    waiting_rows_ = waiting_bytes_ = 0;
}

void Scatter::send(Block const& block) {
    if (block.rows() == 0) return;
    auto const rows = static_cast<std::size_t>(block.rows());
    std::vector<Column> keys;
    for (std::int64_t const key : keys_) keys.push_back(block.column(key));
    std::vector<std::uint64_t> hashes(rows);
    hash_rows(keys, block.rows(), hashes.data());
    std::vector<std::uint16_t> of_row(rows);
    label_rows_(hashes, of_row.data());
    auto const [order, starts] = SortedByLabel(of_row, partitions_);
    Block const sorted = block.take(order);
    std::vector<dataset::Piece> pieces;
    std::vector<Block> slices;
    std::int64_t bytes = 0;
    for (std::int64_t p = 0; p < partitions_; ++p) {
        std::int64_t const first = starts[static_cast<std::size_t>(p)],
                           last = starts[static_cast<std::size_t>(p) + 1];
        if (first == last) continue;
        slices.push_back(sorted.slice(first, last));
        pieces.push_back({p, source_, sequence_, encoded_bytes(slices.back())});
        bytes += pieces.back().bytes;
    }
    ++sequence_;
    dataset::PooledBuffer buffer(store_.context().memory(), bytes);
    std::byte* out = buffer.data();
    for (Block const& slice : slices) out = encode(slice, out);
    store_.add(std::move(buffer), pieces);
}

}  // namespace partita::frame
