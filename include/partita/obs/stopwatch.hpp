#pragma once

#include <chrono>

namespace partita::obs {

/// Wall-clock seconds since construction or the last restart (a steady clock).
class Stopwatch {
  public:
    double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }
    void restart() { start_ = Clock::now(); }

  private:
    using Clock = std::chrono::steady_clock;
    Clock::time_point start_ = Clock::now();
};

}  // namespace partita::obs
