#pragma once

#include "ml/block_tree.hpp"
#include "ml/trees/for_blocks.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace partita::ml {

/// A state of so many sums, for numbers that are at hand without reading rows.
class PlainSums : public Partial {
  public:
    explicit PlainSums(std::int64_t size) : size_(size) {}
    std::int64_t size() const override { return size_; }
    void accumulate(Batch const&, std::span<double>, Scratch&) const override {}

  private:
    std::int64_t size_;
};

/// Sums over rows, block by block along the tree of blocks: the same bits for any number of ranks
/// and threads, on every rank.
///
/// Collective. add(rows, sums) adds what the rows of a block give.
template <class Add>
std::vector<double> block_sums(Communicator const& comm, Blocking const& blocking,
                               std::int64_t size, int threads, Add&& add) {
    PlainSums const partial(size);
    BlockTree tree(comm, blocking, partial);
    RowRange const mine = blocking.blocks_of(comm.rank(), comm.size());
    for_parallel(mine.first, mine.last, threads, [&](std::int64_t b) {
        BlockTree::State state(static_cast<std::size_t>(size), 0.0);
        add(blocking.block(b), std::span<double>(state));
        tree.add(b, std::move(state));
    });
    return tree.finish();
}

}  // namespace partita::ml
