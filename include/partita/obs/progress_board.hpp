#pragma once

#include <atomic>
#include <cstdint>
#include <span>

namespace partita::obs {

/// How far one rank is, where others can see it.
struct alignas(64) ProgressSlot {
    std::atomic<std::uint64_t> phase{0};  ///< Which work: the same on all ranks; 0: none.
    std::atomic<std::int64_t> done{0}, total{0};
};

/// Memory in which ranks see each other's slots, and which one is this rank's. Zeros to begin with.
struct ProgressBoard {
    std::span<ProgressSlot> slots;
    std::size_t own = 0;
};

/// From now on, Progress counts here, too, and shows what all ranks of the board did. The memory
/// must stay until this is called again; an empty board ends it. Set once, before any work.
void set_progress_board(ProgressBoard board);

}  // namespace partita::obs
