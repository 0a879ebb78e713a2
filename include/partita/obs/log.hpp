#pragma once

#include <string>

#include <fmt/format.h>

namespace partita::obs {

enum class LogLevel { debug, info, warning, error, off };

/// "debug", "info", "warning", "error", "off". @throws Error with a hint on anything else.
LogLevel parse_log_level(std::string const& text);

/// Set once: what is logged, and whether this rank speaks at all (rank 0 does).
/// Messages go to standard error through spdlog, as "partita: message".
void set_log(LogLevel level, bool this_rank_speaks);

void log_message(LogLevel level, std::string const& message);

template <class... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
    log_message(LogLevel::debug, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
    log_message(LogLevel::info, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void warn(fmt::format_string<Args...> format, Args&&... args) {
    log_message(LogLevel::warning, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace partita::obs
