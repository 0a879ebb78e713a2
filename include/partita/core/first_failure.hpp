#pragma once

#include <atomic>
#include <exception>
#include <mutex>

namespace partita {

/// Brings an exception out of a parallel region, which none may leave: the first one is kept, what
/// would begin after it is left out.
class FirstFailure {
  public:
    /// Thread-safe.
    template <class Work>
    void run(Work const& work) noexcept {
        if (failed_.load(std::memory_order_relaxed)) return;
        try {
            work();
        } catch (...) {
            std::lock_guard const lock(mutex_);
            if (!failure_) failure_ = std::current_exception();
            failed_.store(true, std::memory_order_relaxed);
        }
    }

    /// After the region.
    void rethrow() const {
        if (failure_) std::rethrow_exception(failure_);
    }

  private:
    std::atomic<bool> failed_{false};
    std::mutex mutex_;
    std::exception_ptr failure_;
};

}  // namespace partita
