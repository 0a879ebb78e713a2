#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/core/error.hpp"

#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace partita {

/// The same error on every rank: at least one rank failed, and all know it and agree on the text.
class CollectiveError : public Error {
  public:
    using Error::Error;
};

/// Agree on the outcome of rank-local work.
///
/// Collective. `failure` is this rank's error message, or nothing when all is well here.
/// @throws CollectiveError on every rank when any rank has a failure. The message is
///         "what: message (rank r)" for the lowest failing rank r; "(and n more ranks)" is added
///         when others failed too; without any suffix when all ranks failed with the same words.
///         An empty `what` leaves out "what: ".
void agree(Communicator const& comm, std::string_view what, std::optional<std::string> failure);

/// Throw a CollectiveError unless `ok`, which every rank knows to be the same everywhere: a
/// function of arguments and agreed values. Does not communicate.
template <class... Args>
void check_everywhere(bool ok, fmt::format_string<Args...> format, Args&&... args) {
    if (!ok) [[unlikely]]
        throw CollectiveError(fmt::format(format, std::forward<Args>(args)...));
}

/// The message of the exception being handled; std::bad_alloc reads "out of memory".
/// MpiError is rethrown: it cannot be agreed on.
std::string current_exception_message();

/// Run rank-local work and agree: if it throws on any rank, throw the same CollectiveError on all.
///
/// Collective; `work` itself must not communicate. Returns what `work` returned here.
/// @param what  What was being done, for the message: "read 'x.csv'".
template <class Work>
auto collectively(Communicator const& comm, std::string_view what, Work&& work)
    -> std::invoke_result_t<Work> {
    using Result = std::invoke_result_t<Work>;
    std::optional<std::string> failure;
    if constexpr (std::is_void_v<Result>) {
        try {
            std::forward<Work>(work)();
        } catch (...) {
            failure = current_exception_message();
        }
        agree(comm, what, std::move(failure));
    } else {
        std::optional<Result> result;
        try {
            result.emplace(std::forward<Work>(work)());
        } catch (...) {
            failure = current_exception_message();
        }
        agree(comm, what, std::move(failure));
        return std::move(*result);
    }
}

}  // namespace partita
