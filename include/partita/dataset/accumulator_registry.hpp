#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace partita::dataset {

class Context;

/// Where a contribution was made: the how-manyeth run of partitions since ranks last agreed, and
/// the partition. Contributions are merged in this order, so ranks and threads do not show.
struct AccumulatedPart {
    std::int64_t run = 0, partition = 0;
    friend auto operator<=>(AccumulatedPart const&, AccumulatedPart const&) = default;
};

/// What a context knows of an Accumulator, whatever its values are.
class AccumulatorState {
  public:
    virtual ~AccumulatorState() = default;
    /// This thread's contributions so far are those of `part`. Called by several threads.
    virtual void finish_part(AccumulatedPart part) = 0;
    /// Merge what all ranks contributed. Collective.
    virtual void agree() = 0;
    /// Forget what has not been agreed on.
    virtual void drop() noexcept = 0;
};

/// The accumulators of a context, in the order in which they were made, which is the same on every
/// rank. Costs nothing while there are none.
class AccumulatorRegistry {
  public:
    void add(std::weak_ptr<AccumulatorState> accumulator) {
        registered_.push_back(std::move(accumulator));
    }
    /// Partitions are about to run: main thread only.
    void start_run();
    /// This thread has run a partition.
    void finish_part(std::int64_t partition) const {
        for (auto const& accumulator : live_) accumulator->finish_part({run_, partition});
    }
    /// Collective.
    void agree();
    void drop() noexcept;

  private:
    std::vector<std::weak_ptr<AccumulatorState>> registered_;
    std::vector<std::shared_ptr<AccumulatorState>> live_;  ///< During runs, and until agreement.
    std::int64_t run_ = 0;
};

}  // namespace partita::dataset
