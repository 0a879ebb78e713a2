#include "obs/progress_text.hpp"

#include "partita/core/bytes.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace partita::obs::detail {
namespace {

constexpr int shortest_bar = 10;
constexpr int longest_bar = 30;

double fraction_of(ProgressSnapshot const& snapshot) {
    if (snapshot.total <= 0) return 1;
    return std::clamp(static_cast<double>(snapshot.done) / static_cast<double>(snapshot.total), 0.0,
                      1.0);
}

/// Rounded down: 100 % means done.
std::string percent_text(ProgressSnapshot const& snapshot) {
    return fmt::format("{:.0f} %", std::floor(fraction_of(snapshot) * 100));
}

/// "12,300 queries/s", or "" when there is nothing to divide.
std::string rate_text(ProgressSnapshot const& snapshot) {
    if (snapshot.seconds <= 0 || snapshot.done <= 0) return "";
    double const rate = static_cast<double>(snapshot.done) / snapshot.seconds;
    std::string const number = rate < 9.95 ? fmt::format("{:.1f}", rate)
                                           : format_count(static_cast<std::int64_t>(rate + 0.5));
    return number + " " + snapshot.unit + "/s";
}

/// "38 s left" if the rest goes as fast as what is done.
std::string time_left_text(ProgressSnapshot const& snapshot) {
    double const fraction = fraction_of(snapshot);
    if (fraction <= 0) return "";
    double const left = snapshot.seconds * (1 - fraction) / fraction;
    // A guess deserves no decimals.
    return (left < 9.5 ? fmt::format("{:.0f} s", std::ceil(left)) : format_seconds(left)) + " left";
}

std::string bar(double fraction, int length) {
    int const filled = static_cast<int>(fraction * length);
    std::string text(static_cast<std::size_t>(length), ' ');
    std::fill_n(text.begin(), filled, '=');
    if (filled < length) text[static_cast<std::size_t>(filled)] = '>';
    return "[" + text + "]";
}

/// The parts that are not empty, with `separator` between them.
std::string joined(std::initializer_list<std::string> parts, char const* separator) {
    std::string text;
    for (auto const& part : parts)
        if (!part.empty()) text += (text.empty() ? "" : separator) + part;
    return text;
}

}  // namespace

std::string bar_text(ProgressSnapshot const& snapshot, int columns) {
    std::string const percent = fmt::format("{:>5}", percent_text(snapshot));
    std::string const counts = fmt::format("{}/{} {}", format_count(snapshot.done),
                                           format_count(snapshot.total), snapshot.unit);
    std::string const rate = rate_text(snapshot), left = time_left_text(snapshot);
    for (auto const& rest :
         {joined({percent, counts, rate, left}, "  "), joined({percent, counts, left}, "  "),
          joined({percent, left}, "  ")}) {
        // Around the bar: a space before, the brackets, a space after.
        int const room = columns - static_cast<int>(snapshot.what.size() + rest.size()) - 4;
        if (room >= shortest_bar)
            return joined(
                {snapshot.what, bar(fraction_of(snapshot), std::min(room, longest_bar)), rest},
                " ");
    }
    std::string const shortest = joined({snapshot.what, percent_text(snapshot)}, " ");
    return shortest.substr(0, static_cast<std::size_t>(std::max(columns, 0)));
}

std::string log_text(ProgressSnapshot const& snapshot) {
    std::string const counts = fmt::format("{} of {} {}", format_count(snapshot.done),
                                           format_count(snapshot.total), snapshot.unit);
    return snapshot.what + ": " +
           joined({percent_text(snapshot), counts, rate_text(snapshot), time_left_text(snapshot)},
                  ", ");
}

std::string finished_text(ProgressSnapshot const& snapshot) {
    return snapshot.what + ": " +
           joined({fmt::format("{} {} in {}", format_count(snapshot.done), snapshot.unit,
                               format_seconds(snapshot.seconds)),
                   rate_text(snapshot)},
                  ", ");
}

}  // namespace partita::obs::detail
