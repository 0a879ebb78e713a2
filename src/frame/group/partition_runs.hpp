#pragma once

#include "partita/core/row_range.hpp"
#include "partita/dataset/context.hpp"

#include <cstdint>
#include <vector>

namespace partita::frame {

/// Neighbouring partitions of a rank, taken together. A few rows for each of many partitions are
/// sent as one piece for all of a run, and merged in one go: a piece costs as much as a hundred
/// rows. How wide runs are shows in no result.
class PartitionRuns {
  public:
    /// Runs of `width` partitions each; the last one of a rank may be shorter.
    PartitionRuns(dataset::Context const& context, std::int64_t partitions, std::int64_t width);

    /// How wide runs should be where `pieces` sources have `rows` rows for all partitions: a power
    /// of two.
    static std::int64_t width_for(std::int64_t partitions, std::int64_t pieces, std::int64_t rows);

    std::int64_t partitions() const { return static_cast<std::int64_t>(first_of_run_.size()); }
    /// The first partition of the run that one is in, which the run's pieces are sent to.
    std::int64_t run_of(std::int64_t partition) const {
        return first_of_run_[static_cast<std::size_t>(partition)];
    }
    /// This rank's.
    std::vector<RowRange> const& local() const { return local_; }

  private:
    std::vector<std::int64_t> first_of_run_;
    std::vector<RowRange> local_;
};

}  // namespace partita::frame
