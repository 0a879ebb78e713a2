#include "ml/minimize.hpp"

#include "partita/core/error.hpp"

#include <algorithm>
#include <exception>
#include <lbfgs.h>
#include <memory>

namespace partita::ml {

namespace {

struct Run {
    Objective const& objective;
    Minimum minimum;
    std::exception_ptr failure;

    explicit Run(Objective const& function) : objective(function) {}
};

/// Nothing may be thrown through the C library: after a failure the next step is the last.
double evaluate(void* instance, double const* x, double* gradient, int n, double) {
    Run& run = *static_cast<Run*>(instance);
    auto const size = static_cast<std::size_t>(n);
    std::fill(gradient, gradient + n, 0.0);
    if (run.failure) return 0;
    try {
        return run.objective({x, size}, {gradient, size});
    } catch (...) {
        run.failure = std::current_exception();
        return 0;
    }
}

int note_step(void* instance, double const*, double const*, double value, double, double, double,
              int, int iteration, int) {
    Run& run = *static_cast<Run*>(instance);
    run.minimum.history.push_back(value);
    run.minimum.iterations = iteration;
    return run.failure ? 1 : 0;
}

lbfgs_parameter_t parameters_for(L1Range const& l1, MinimizeLimits const& limits) {
    lbfgs_parameter_t parameters;
    lbfgs_parameter_init(&parameters);
    parameters.m = 10;
    parameters.epsilon = limits.tolerance;
    parameters.max_iterations = limits.max_iterations;
    parameters.max_linesearch = 60;
    if (l1.strength > 0) {
        parameters.linesearch = LBFGS_LINESEARCH_BACKTRACKING;
        parameters.orthantwise_c = l1.strength;
        parameters.orthantwise_start = static_cast<int>(l1.first);
        parameters.orthantwise_end = static_cast<int>(l1.last);
    }
    return parameters;
}

std::string trouble_of(int status) {
    if (status == LBFGSERR_MAXIMUMITERATION) return "the iterations did not suffice";
    return "no step along the gradient improves the objective further";
}

}  // namespace

Minimum minimize(std::vector<double> start, Objective const& objective, L1Range const& l1,
                 MinimizeLimits const& limits) {
    Run run(objective);
    int const n = static_cast<int>(start.size());
    // liblbfgs wants its own alignment.
    std::unique_ptr<double, decltype(&lbfgs_free)> x(lbfgs_malloc(n), lbfgs_free);
    check(x != nullptr, "cannot allocate {} variables", n);
    std::copy(start.begin(), start.end(), x.get());
    lbfgs_parameter_t parameters = parameters_for(l1, limits);
    int const status = lbfgs(n, x.get(), nullptr, evaluate, note_step, &run, &parameters);
    if (run.failure) std::rethrow_exception(run.failure);
    run.minimum.x.assign(x.get(), x.get() + n);
    run.minimum.converged = status == LBFGS_SUCCESS || status == LBFGS_ALREADY_MINIMIZED;
    if (!run.minimum.converged) run.minimum.trouble = trouble_of(status);
    return std::move(run.minimum);
}

}  // namespace partita::ml
