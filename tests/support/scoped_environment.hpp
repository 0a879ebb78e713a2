#pragma once

#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

namespace partita::test {

/// Sets an environment variable of this process for as long as it lives.
class ScopedEnvironment {
  public:
    ScopedEnvironment(std::string name, std::string const& value) : name_(std::move(name)) {
        if (char const* const old = std::getenv(name_.c_str())) old_ = old;
        setenv(name_.c_str(), value.c_str(), 1);
    }
    ~ScopedEnvironment() {
        if (old_)
            setenv(name_.c_str(), old_->c_str(), 1);
        else
            unsetenv(name_.c_str());
    }
    ScopedEnvironment(ScopedEnvironment const&) = delete;
    ScopedEnvironment& operator=(ScopedEnvironment const&) = delete;

  private:
    std::string name_;
    std::optional<std::string> old_;
};

}  // namespace partita::test
