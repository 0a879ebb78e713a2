#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/core/matrix_view.hpp"
#include "partita/core/row_range.hpp"

#include <algorithm>
#include <cstdint>

namespace partita::knn {

/// Blocks in which all ranks go through queries of their own together: as many on each rank, though
/// ranks may have different numbers of queries.
class SharedBlocks {
  public:
    /// Collective.
    /// @param block  The most queries in a block that this rank has memory for, >= 1.
    SharedBlocks(Communicator const& comm, std::int64_t queries, std::int64_t block)
        : queries_(queries), block_(comm.all_reduce(block, Reduce::min)) {
        count_ = comm.all_reduce((queries + block_ - 1) / block_, Reduce::max);
    }

    std::int64_t count() const { return count_; }
    std::int64_t block() const { return block_; }
    RowRange range(std::int64_t i) const {
        return {std::min(i * block_, queries_), std::min((i + 1) * block_, queries_)};
    }

  private:
    std::int64_t queries_, block_, count_;
};

}  // namespace partita::knn
