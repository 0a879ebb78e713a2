#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/core/row_range.hpp"

#include <cstdint>
#include <memory>

namespace partita {

/// Numbered units of work that ranks take in ascending order, whoever is free next: a slow rank
/// takes fewer, and nobody waits for it. Which rank does what differs from run to run, so what a
/// unit results in must not depend on it.
///
/// A counter in rank 0's memory that the others advance by MPI_Fetch_and_op. Where ranks share that
/// host it costs a microsecond; from other hosts an answer waits until rank 0 is in any call of
/// MPI, so long work calls serve() now and then.
class WorkQueue {
  public:
    /// Collective.
    explicit WorkQueue(Communicator const& comm);
    /// Collective: all ranks give up theirs together. While an exception is on its way, which other
    /// ranks may not know of, the counter is left to MPI's end instead.
    ~WorkQueue();
    WorkQueue(WorkQueue const&) = delete;
    WorkQueue& operator=(WorkQueue const&) = delete;

    /// Units [first, last) are to be done. Collective.
    void start(std::int64_t first, std::int64_t last);

    /// The next units, empty when none is left. Rank-local, by the main thread.
    ///
    /// Large runs come first: a 4 * size()-th part of what is left, but at least `least` and at
    /// most `most`.
    RowRange take(std::int64_t least, std::int64_t most);

    /// Let other ranks' questions through. Rank-local, by the main thread.
    void serve() const;

    /// No rank takes more: the first unit that nobody took. Collective.
    std::int64_t finish();

  private:
    struct Window;

    Communicator comm_;
    std::unique_ptr<Window> window_;
    std::int64_t seen_ = 0, last_ = 0;
};

}  // namespace partita
