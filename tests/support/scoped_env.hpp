#pragma once

#include <cstdlib>
#include <optional>
#include <string>

namespace partita::test {

/// Set (or with nullptr unset) an environment variable; the old value comes back at the end.
class ScopedEnv {
  public:
    ScopedEnv(std::string name, char const* value) : name_(std::move(name)) {
        if (char const* const old = std::getenv(name_.c_str())) old_ = old;
        set(value);
    }
    ~ScopedEnv() { set(old_ ? old_->c_str() : nullptr); }
    ScopedEnv(ScopedEnv const&) = delete;
    ScopedEnv& operator=(ScopedEnv const&) = delete;

  private:
    void set(char const* value) {
        if (value)
            setenv(name_.c_str(), value, 1);
        else
            unsetenv(name_.c_str());
    }

    std::string name_;
    std::optional<std::string> old_;
};

}  // namespace partita::test
