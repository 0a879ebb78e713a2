#pragma once

namespace partita::obs::detail {

/// Where Progress reads the time, in seconds; may be called from any thread.
using ProgressClock = double (*)();

/// Let tests turn the clock themselves; nullptr brings the steady clock back.
void set_progress_clock(ProgressClock clock);

}  // namespace partita::obs::detail
