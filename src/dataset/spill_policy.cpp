#include "dataset/spill_policy.hpp"

namespace partita::dataset {
namespace {

constexpr std::int64_t trial_period = 32;

/// The first value as it is, later ones with a quarter of the weight.
void follow(double& average, double value) {
    average = average == 0 ? value : 0.75 * average + 0.25 * value;
}

}  // namespace

bool SpillPolicy::compress_next() {
    if (choice_ != SpillCompression::automatic) return choice_ == SpillCompression::always;
    std::lock_guard const lock(mutex_);
    std::int64_t const block = blocks_++;
    if (block < 2) return block == 1;  // one of each, to begin with
    bool const best = pays();
    return block % trial_period == 0 ? !best : best;
}

void SpillPolicy::wrote(std::int64_t bytes, double seconds) {
    if (bytes == 0) return;
    std::lock_guard const lock(mutex_);
    follow(write_, seconds / static_cast<double>(bytes));
}

void SpillPolicy::compressed(std::int64_t bytes, std::int64_t to_bytes, double seconds) {
    if (bytes == 0) return;
    std::lock_guard const lock(mutex_);
    follow(compress_, seconds / static_cast<double>(bytes));
    follow(size_, static_cast<double>(to_bytes) / static_cast<double>(bytes));
}

bool SpillPolicy::pays() const {
    // What is written is read again, about as fast; zstd decompresses three times faster.
    return compress_ * 4 / 3 < 2 * write_ * (1 - size_);
}

}  // namespace partita::dataset
