#include "frame/timestamp.hpp"

#include <chrono>

#include <fmt/format.h>

namespace partita::frame {

namespace {

constexpr std::int64_t second_us = 1'000'000, day_us = 86'400 * second_us;

/// `count` digits at `at`; -1 when they are not there.
int digits(std::string_view text, std::size_t at, std::size_t count) {
    if (at + count > text.size()) return -1;
    int value = 0;
    for (std::size_t i = at; i < at + count; ++i) {
        if (text[i] < '0' || text[i] > '9') return -1;
        value = 10 * value + (text[i] - '0');
    }
    return value;
}

bool is_at(std::string_view text, std::size_t at, char wanted) {
    return at < text.size() && text[at] == wanted;
}

/// "HH:MM", "HH:MM:SS" or "HH:MM:SS.ssssss".
bool parse_time(std::string_view text, std::int64_t& microseconds) {
    int const hours = digits(text, 0, 2), minutes = digits(text, 3, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || !is_at(text, 2, ':'))
        return false;
    microseconds = (hours * 60 + minutes) * 60 * second_us;
    if (text.size() == 5) return true;
    int const seconds = digits(text, 6, 2);
    if (!is_at(text, 5, ':') || seconds < 0 || seconds > 59) return false;
    microseconds += seconds * second_us;
    if (text.size() == 8) return true;
    std::size_t const decimals = text.size() - 9;
    if (!is_at(text, 8, '.') || decimals < 1 || decimals > 6) return false;
    int fraction = digits(text, 9, decimals);
    if (fraction < 0) return false;
    for (std::size_t i = decimals; i < 6; ++i) fraction *= 10;
    microseconds += fraction;
    return true;
}

}  // namespace

bool parse_timestamp(std::string_view text, std::int64_t& microseconds) {
    int const year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
    if (year < 0 || month < 0 || day < 0 || !is_at(text, 4, '-') || !is_at(text, 7, '-'))
        return false;
    std::chrono::year_month_day const date{std::chrono::year(year),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!date.ok()) return false;
    std::int64_t const days = std::chrono::sys_days(date).time_since_epoch().count();
    microseconds = days * day_us;
    if (text.size() == 10) return true;
    if (!is_at(text, 10, ' ') && !is_at(text, 10, 'T')) return false;
    text.remove_prefix(11);
    if (text.ends_with('Z')) text.remove_suffix(1);
    std::int64_t time = 0;
    if (!parse_time(text, time)) return false;
    microseconds += time;
    return true;
}

void append_timestamp(std::string& out, std::int64_t microseconds) {
    std::int64_t days = microseconds / day_us;
    if (microseconds % day_us < 0) --days;
    std::int64_t const time = microseconds - days * day_us, seconds = time / second_us;
    std::chrono::year_month_day const date{std::chrono::sys_days(std::chrono::days(days))};
    fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
                   static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                   static_cast<unsigned>(date.day()), seconds / 3600, seconds / 60 % 60,
                   seconds % 60);
    std::int64_t const fraction = time % second_us;
    if (fraction % 1000 != 0)
        fmt::format_to(std::back_inserter(out), ".{:06}", fraction);
    else if (fraction != 0)
        fmt::format_to(std::back_inserter(out), ".{:03}", fraction / 1000);
}

}  // namespace partita::frame
