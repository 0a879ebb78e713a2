#pragma once

#include "partita/core/error.hpp"

#include <exception>
#include <functional>
#include <type_traits>
#include <utility>

namespace partita::dataset {

/// Thrown through a chain to end a partition early; never seen by users.
struct EnoughElements {};

/// Where an operation is in the chain that runs as one loop: which of its operations, and its name.
struct Step {
    int number = 0;  ///< From 1: the source.
    char const* name = "";

    /// Throw the exception being handled, which a function of this step threw, as an Error that
    /// says so: "map (operation 2): bad value".
    [[noreturn]] void rethrow() const;

    /// Throw what sink threw as it was: for sinks that are called by a user's function.
    [[noreturn]] static void pass_through();
};

/// function(args...), a user's: what it throws names the step. The try block costs nothing when
/// nothing is thrown, and goes away where the compiler sees that nothing can be.
template <class F, class... Args>
decltype(auto) invoke_in(Step const& step, F& function, Args&&... args) {
    try {
        return std::invoke(function, std::forward<Args>(args)...);
    } catch (...) {
        step.rethrow();
    }
}

/// A sink that a user's function calls; what happens behind it is not the function's failure.
template <class Sink>
auto sink_behind(Sink& sink) {
    return [&sink](auto&& item) {
        try {
            sink(std::forward<decltype(item)>(item));
        } catch (...) {
            Step::pass_through();
        }
    };
}

}  // namespace partita::dataset
