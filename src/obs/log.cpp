#include "partita/obs/log.hpp"

#include "obs/status_line.hpp"

#include "partita/core/error.hpp"
#include "partita/core/suggest.hpp"

#include <array>
#include <atomic>
#include <vector>

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace partita::obs {
namespace {

struct LevelName {
    LogLevel level;
    char const* name;
};
constexpr std::array level_names{
    LevelName{LogLevel::debug, "debug"}, LevelName{LogLevel::info, "info"},
    LevelName{LogLevel::warning, "warning"}, LevelName{LogLevel::error, "error"},
    LevelName{LogLevel::off, "off"}};

std::atomic<LogLevel> lowest_level{LogLevel::info};

spdlog::logger& logger() {
    static spdlog::logger instance = [] {
        spdlog::logger made("partita", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        made.set_pattern("partita: %v");
        made.set_level(spdlog::level::trace);  // what is logged is decided here, not there
        made.flush_on(spdlog::level::trace);
        return made;
    }();
    return instance;
}

}  // namespace

LogLevel parse_log_level(std::string const& text) {
    std::vector<std::string> names;
    for (auto const& known : level_names) {
        if (text == known.name) return known.level;
        names.emplace_back(known.name);
    }
    fail("log level: expected {}, got '{}'{}", one_of(names), text, did_you_mean(text, names));
}

void set_log(LogLevel level, bool this_rank_speaks) {
    lowest_level = this_rank_speaks ? level : LogLevel::off;
}

void log_message(LogLevel level, std::string const& message) {
    if (level < lowest_level.load() || level == LogLevel::off) return;
    detail::clear_status_line();
    switch (level) {
        case LogLevel::debug:
            return logger().debug("debug: {}", message);
        case LogLevel::warning:
            return logger().warn("warning: {}", message);
        case LogLevel::error:
            return logger().error("error: {}", message);
        default:
            return logger().info("{}", message);
    }
}

}  // namespace partita::obs
