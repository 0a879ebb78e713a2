#pragma once

#include "cli/common_options.hpp"

#include "partita/comm/communicator.hpp"
#include "partita/comm/memory_budget.hpp"
#include "partita/comm/topology.hpp"
#include "partita/obs/stopwatch.hpp"

#include <cstdint>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace partita::cli {

/// What a subcommand works with: the ranks, their limits, and the way to speak to the user.
class Session {
  public:
    /// Collective. Sets up log, progress, events and threads as the options say, and removes what
    /// killed jobs left in the scratch folder.
    Session(Communicator const& world, CommonOptions const& common);

    Communicator const& world() const { return world_; }
    Topology const& topology() const { return topology_; }
    MemoryBudget const& memory() const { return memory_; }
    int threads() const { return threads_; }
    std::uint64_t seed() const { return common_.seed; }
    std::string const& scratch() const { return common_.scratch; }
    bool overwrite() const { return common_.overwrite; }
    double seconds() const { return stopwatch_.seconds(); }

    /// Fail before the work, not after it, when `path` cannot become an output: it exists and
    /// --overwrite is not given, or its folder does not.
    ///
    /// Collective.
    void check_output(std::string const& path) const;

    /// What the user asked for (info, JSON, a script): on standard output, by rank 0.
    template <class... Args>
    void print(fmt::format_string<Args...> format, Args&&... args) const {
        if (world_.is_root()) write_out(fmt::format(format, std::forward<Args>(args)...));
    }

    /// One aligned line of a report, "  recall      0.953": by rank 0, silent with --quiet.
    template <class... Args>
    void field(std::string_view label, fmt::format_string<Args...> format, Args&&... args) const {
        if (speaks()) write_field(label, fmt::format(format, std::forward<Args>(args)...));
    }

    /// The last lines of a command: time, rate, peak memory and where the result is.
    ///
    /// Collective.
    /// @param amount, unit  What was worked through, by all ranks: 100000, "vectors".
    /// @param result        The file that holds the result; "" = none.
    void finish(std::int64_t amount, std::string_view unit, std::string const& result) const;

    /// Let the program end with this status, once the subcommand is done. The same on all ranks.
    void end_with(int status) { status_ = status; }
    int status() const { return status_; }

  private:
    bool speaks() const { return world_.is_root() && !common_.quiet; }
    static void write_out(std::string const& text);
    static void write_field(std::string_view label, std::string const& text);

    Communicator world_;
    CommonOptions common_;
    obs::Stopwatch stopwatch_;
    Topology topology_;
    MemoryBudget memory_;
    int threads_;
    int status_ = 0;
};

}  // namespace partita::cli
