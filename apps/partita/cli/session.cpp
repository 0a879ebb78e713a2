#include "cli/session.hpp"

#include "cli/root_text.hpp"

#include "partita/core/atomic_file.hpp"
#include "partita/core/buffer.hpp"
#include "partita/core/bytes.hpp"
#include "partita/core/memory.hpp"
#include "partita/core/scratch.hpp"
#include "partita/obs/events.hpp"
#include "partita/obs/log.hpp"
#include "partita/obs/progress.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include <omp.h>

namespace partita::cli {
namespace {

obs::ProgressStyle progress_style(CommonOptions const& common) {
    if (common.quiet || common.progress == "none") return obs::ProgressStyle::none;
    if (common.progress == "bar") return obs::ProgressStyle::bar;
    return common.progress == "log" ? obs::ProgressStyle::log : obs::ProgressStyle::automatic;
}

obs::LogLevel log_level(CommonOptions const& common) {
    obs::LogLevel const level = obs::parse_log_level(common.log_level);
    return common.quiet ? std::max(level, obs::LogLevel::warning) : level;
}

/// The file that a result named "x.h5:/dataset" lies in.
std::string file_of(std::string const& path) {
    auto const colon = path.find(":/");
    return colon == std::string::npos ? path : path.substr(0, colon);
}

std::string with_size(std::string const& path) {
    std::error_code unknown;
    auto const bytes = std::filesystem::file_size(file_of(path), unknown);
    return unknown ? path : fmt::format("{} ({})", path, format_bytes(static_cast<double>(bytes)));
}

}  // namespace

Session::Session(Communicator const& world, CommonOptions const& common)
    : world_(world),
      common_(common),
      topology_(world),
      memory_(memory_budget(world, topology_, common.memory_bytes)),
      // Without --threads: what run_app or $OMP_NUM_THREADS gave this rank.
      threads_(common.threads > 0 ? common.threads : omp_get_max_threads()) {
    obs::set_log(log_level(common), world.is_root());
    obs::set_progress(progress_style(common), world.is_root());
    omp_set_num_threads(threads_);
    limit_recycled_pages(std::min<std::int64_t>(memory_.per_rank_bytes / 8, 256 << 20));
    root_text(world, [&] {
        if (!common.events.empty()) obs::open_events(common.events);
        return std::string();
    });
    if (topology_.is_node_leader()) remove_stale_scratch(common.scratch);
}

void Session::check_output(std::string const& path) const {
    root_text(world_, [&] {
        AtomicFile const probe(file_of(path), overwrite());
        return std::string();
    });
}

void Session::finish(std::int64_t amount, std::string_view unit, std::string const& result) const {
    double const elapsed = world_.all_reduce(seconds(), Reduce::max);
    std::int64_t const peak = world_.all_reduce(peak_resident_bytes(), Reduce::max);
    double const rate = static_cast<double>(amount) / std::max(elapsed, 1e-9);
    field("time", "{}, {} {}/s", format_seconds(elapsed),
          format_count(static_cast<std::int64_t>(rate)), unit);
    field("memory", "{} a rank at most, {} {} with {} {} each",
          format_bytes(static_cast<double>(peak)), world_.size(),
          world_.size() == 1 ? "rank" : "ranks", threads_, threads_ == 1 ? "thread" : "threads");
    if (!result.empty()) field("result", "{}", with_size(result));
    obs::emit("finish", {{"amount", amount},
                         {"unit", std::string(unit)},
                         {"elapsed_seconds", elapsed},
                         {"peak_bytes", peak},
                         {"result", result}});
}

void Session::write_out(std::string const& text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

void Session::write_field(std::string_view label, std::string const& text) {
    write_out(fmt::format("{:<10}  {}\n", label, text));
}

}  // namespace partita::cli
