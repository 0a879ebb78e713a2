#include "frame/group/partition_runs.hpp"

#include <algorithm>

namespace partita::frame {

namespace {

constexpr std::int64_t rows_of_piece = 128;
/// Runs of all ranks that are left at least, for threads to share.
constexpr std::int64_t fewest_runs = 8;

}  // namespace

PartitionRuns::PartitionRuns(dataset::Context const& context, std::int64_t partitions,
                             std::int64_t width) {
    int const ranks = context.comm().size();
    for (int rank = 0; rank < ranks; ++rank) {
        RowRange const owned = share_of(partitions, ranks, rank);
        for (std::int64_t first = owned.first; first < owned.last; first += width) {
            RowRange const run{first, std::min(first + width, owned.last)};
            first_of_run_.insert(first_of_run_.end(), static_cast<std::size_t>(run.size()), first);
            if (rank == context.comm().rank()) local_.push_back(run);
        }
    }
}

std::int64_t PartitionRuns::width_for(std::int64_t partitions, std::int64_t pieces,
                                      std::int64_t rows) {
    std::int64_t width = 1;
    while (2 * width * fewest_runs <= partitions &&
           width * rows < rows_of_piece * pieces * partitions)
        width *= 2;
    return width;
}

}  // namespace partita::frame
