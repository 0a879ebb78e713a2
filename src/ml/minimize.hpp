#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace partita::ml {

/// An l1 penalty on variables [first, last).
struct L1Range {
    double strength = 0;
    std::int64_t first = 0, last = 0;
};

struct MinimizeLimits {
    int max_iterations = 100;
    double tolerance = 1e-10;  ///< Of the gradient's length against that of x (at least 1).
};

struct Minimum {
    std::vector<double> x;
    std::vector<double> history;  ///< The value after each iteration, the penalty included.
    int iterations = 0;
    bool converged = false;
    std::string trouble;  ///< Why not.
};

/// The value at x, and its gradient.
using Objective = std::function<double(std::span<double const> x, std::span<double> gradient)>;

/// L-BFGS with five corrections, OWL-QN where there is an l1 penalty (liblbfgs).
///
/// The objective may be collective: the steps depend on its results only, so that ranks that get
/// the same results take the same steps. What it throws is thrown here.
Minimum minimize(std::vector<double> start, Objective const& objective, L1Range const& l1,
                 MinimizeLimits const& limits);

}  // namespace partita::ml
