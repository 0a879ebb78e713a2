#pragma once

#include <csignal>
#include <sys/resource.h>

namespace partita::test {

/// While it lives, files of this process can grow to so many bytes only: a full disk for tests.
class ScopedFileLimit {
  public:
    explicit ScopedFileLimit(rlim_t bytes) {
        getrlimit(RLIMIT_FSIZE, &old_);
        rlimit const limit{bytes, old_.rlim_max};
        setrlimit(RLIMIT_FSIZE, &limit);
        old_handler_ = std::signal(SIGXFSZ, SIG_IGN);
    }
    ~ScopedFileLimit() {
        setrlimit(RLIMIT_FSIZE, &old_);
        std::signal(SIGXFSZ, old_handler_);
    }
    ScopedFileLimit(ScopedFileLimit const&) = delete;
    ScopedFileLimit& operator=(ScopedFileLimit const&) = delete;

  private:
    rlimit old_{};
    void (*old_handler_)(int) = nullptr;
};

}  // namespace partita::test
