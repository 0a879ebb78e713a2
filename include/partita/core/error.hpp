#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace partita {

/// What a user can act on: bad input, a missing file, a full disk.
///
/// The message is one sentence that says what, where, expected and got, without a final period:
/// `x.npy: expected 2 dimensions, got 3`.
class Error : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Throw an Error with a formatted message (fmt's syntax).
template <class... Args>
[[noreturn]] void fail(fmt::format_string<Args...> format, Args&&... args) {
    throw Error(fmt::format(format, std::forward<Args>(args)...));
}

/// Throw an Error unless `ok`. Always on: it guards user data, in release builds too.
///
/// The arguments are evaluated in any case, so keep them cheap; the message is built on failure.
template <class... Args>
void check(bool ok, fmt::format_string<Args...> format, Args&&... args) {
    if (!ok) [[unlikely]]
        fail(format, std::forward<Args>(args)...);
}

/// The sentence for `errno` as the C library knows it: "No such file or directory".
std::string errno_text(int error_number);

}  // namespace partita
