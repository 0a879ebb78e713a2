#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace partita::obs {

/// How progress is shown.
enum class ProgressStyle {
    automatic,  ///< bar when standard error is a terminal, else log.
    bar,        ///< One line, redrawn.
    log,        ///< A line every 10 s.
    none
};

/// Set once, before any work: rank 0 shows progress, the others stay silent.
void set_progress(ProgressStyle style, bool this_rank_shows);

/// What rank 0 says about long work: done, rate, time left.
///
/// Nothing is shown for work that ends within 2 s. Counts are this rank's own: `total` is the size
/// of this rank's share, and `job_total`, shown to the reader, that of all ranks. With a board (see
/// progress_board.hpp) the ranks of rank 0's node are added up, and stand for those of others;
/// without one rank 0 stands for all.
class Progress {
  public:
    /// @param what  The phase: "search", "train".  @param unit  What is counted: "queries".
    Progress(std::string what, std::string unit, std::int64_t total, std::int64_t job_total);
    ~Progress();  ///< Ends the line.
    Progress(Progress const&) = delete;
    Progress& operator=(Progress const&) = delete;

    /// Count `n` more as done. May be called from any thread; draws at most five times a second.
    void add(std::int64_t n);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace partita::obs
