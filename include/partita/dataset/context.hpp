#pragma once

#include "partita/comm/all_to_all.hpp"
#include "partita/comm/communicator.hpp"
#include "partita/core/row_range.hpp"
#include "partita/dataset/accumulator_registry.hpp"
#include "partita/dataset/function_ref.hpp"
#include "partita/dataset/memory_account.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace partita::dataset {

class SpillFile;

/// Whether what finds no room in memory is compressed (zstd, level 1) on its way to scratch.
enum class SpillCompression {
    automatic,  ///< Where that is measured to save time.
    always,
    never,
};

/// How datasets are computed. Zeros and empty texts stand for the defaults.
struct Options {
    int threads = 0;                ///< Per rank; default: OpenMP's (OMP_NUM_THREADS).
    std::int64_t memory_bytes = 0;  ///< Per rank; default: the rank's share of 80 % of the node.
    std::string scratch = {};       ///< An existing folder for spill files; see default_scratch().
    SpillCompression spill_compression = SpillCompression::automatic;
    std::uint64_t seed = 42;  ///< Of the samples that choose where sorted partitions end.
    /// Partitions of sources and wide results that are not given a number of their own. Default:
    /// 64, or the power of two that gives each of many threads four (from 17 threads on, counted
    /// over all ranks). So results do not depend on the number of workers up to 16, or when this
    /// is given.
    std::int64_t partitions = 0;
    ExchangeLimits exchange = {};
};

/// What has gone over the exchange and to scratch so far, on this rank.
struct Traffic {
    std::int64_t bytes_sent = 0;  ///< To other ranks.
    std::int64_t messages = 0;    ///< That carried them.
    std::int64_t rounds = 0;      ///< Of exchanges.
    std::int64_t bytes_spilled = 0;
};

/// Where datasets live: the ranks, their threads, memory and scratch. A handle, cheap to copy;
/// every dataset holds one.
class Context {
  public:
    /// Collective.
    /// @throws CollectiveError when the memory given is below 256 KiB or scratch cannot be written.
    explicit Context(Communicator const& comm, Options options = {});

    Communicator const& comm() const;
    int threads() const;
    std::int64_t memory_bytes() const;
    std::uint64_t seed() const;
    std::int64_t default_partitions() const;
    ExchangeLimits const& exchange_limits() const;
    Traffic traffic() const;

    /// Which of `partitions` partitions this rank owns: one contiguous run.
    RowRange local_partitions(std::int64_t partitions) const {
        return share_of(partitions, comm().size(), comm().rank());
    }
    int owner_of(std::int64_t partition, std::int64_t partitions) const {
        return static_cast<int>(share_holding(partitions, comm().size(), partition));
    }

    /// Call work(i) for each i of the range in this rank's threads, in ascending order of start.
    ///
    /// @param parts  The partition of each i, for accumulators; default: i.
    /// @throws what work(i) threw for the lowest i; later ones may then not have run.
    void parallel_for(RowRange range, FunctionRef<void(std::int64_t)> work,
                      std::span<std::int64_t const> parts = {}) const;
    /// The same for the ranges that next() gives, until it gives an empty one: one after the other,
    /// next() by the main thread. What work throws ends it: see parallel_for.
    void parallel_for_each(FunctionRef<RowRange()> next,
                           FunctionRef<void(std::int64_t)> work) const;
    /// In work of parallel_for: which of the rank's threads this is, below threads(); else 0.
    static int current_thread();
    AccumulatorRegistry& accumulators() const;

    MemoryAccount& memory() const;
    /// A new, empty file in scratch that vanishes with its last handle, or with the process.
    std::shared_ptr<SpillFile> new_spill_file() const;
    /// Count one round of an exchange.
    void count_sent(std::int64_t bytes, std::int64_t messages) const;

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace partita::dataset
