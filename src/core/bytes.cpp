#include "partita/core/bytes.hpp"

#include "partita/core/error.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <utility>

namespace partita {
namespace {

std::string_view trimmed(std::string_view text) {
    auto const is_space = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}

/// What one `unit` ("", "k", "MB", "GiB", any case) stands for; 0 when it is no unit.
std::int64_t bytes_in_unit(std::string_view unit) {
    std::string lower;
    for (char const c : unit)
        lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (lower.empty() || lower == "b") return 1;
    auto const power = std::string_view("kmgt").find(lower[0]);
    if (power == std::string_view::npos) return 0;
    std::string const rest = lower.substr(1);
    if (!(rest.empty() || rest == "b" || rest == "ib")) return 0;
    std::int64_t const step = rest == "b" ? 1000 : 1024;
    std::int64_t bytes = step;
    for (std::size_t i = 0; i < power; ++i) bytes *= step;
    return bytes;
}

/// The value with three significant digits; four digits are left alone.
std::string three_digits(double value) {
    int const decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    return fmt::format("{:.{}f}", value, decimals);
}

/// "3.2" and "45": two significant digits, more when the number is whole.
std::string two_digits(double value) { return fmt::format("{:.{}f}", value, value < 9.95 ? 1 : 0); }

}  // namespace

std::int64_t parse_bytes(std::string_view text) {
    std::string_view const body = trimmed(text);
    std::size_t const digits = body.find_first_not_of("0123456789.");
    std::string_view const number = body.substr(0, digits);
    std::string_view const unit = body.substr(number.size());
    std::int64_t const step = bytes_in_unit(trimmed(unit));

    long double value = 0;  // 64 bits of mantissa: exact for every size that fits
    char const* const end = number.data() + number.size();
    auto const [rest, error] = std::from_chars(number.data(), end, value, std::chars_format::fixed);
    bool const is_number = error != std::errc::invalid_argument && rest == end && number[0] != '.';
    check(is_number && step > 0, "'{}': expected a size such as 14GiB, 500MB or 1048576", text);
    check(error == std::errc() && value * step < 0x1p63L, "'{}': expected a size below 8 EiB",
          text);
    check(step > 1 || value == std::floor(value),
          "'{}': expected whole bytes or a unit, as in 1.5GiB", text);
    return static_cast<std::int64_t>(value * step);
}

std::int64_t parse_seconds(std::string_view text) {
    static constexpr std::array<std::pair<char, std::int64_t>, 4> units{
        {{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}}};
    std::string_view rest = trimmed(text);
    std::int64_t seconds = 0;
    auto unit = units.begin();
    bool good = !rest.empty();
    while (good && !rest.empty()) {
        std::int32_t count = 0;
        auto const [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), count);
        rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
        // The last may do without its unit only where it stands alone, as seconds.
        char const letter = rest.empty() && seconds == 0 ? 's' : rest.empty() ? '?' : rest.front();
        unit = std::find_if(unit, units.end(), [&](auto const& u) { return u.first == letter; });
        good = error == std::errc() && count >= 0 && unit != units.end();
        if (!good) break;
        seconds += count * unit++->second;
        if (!rest.empty()) rest.remove_prefix(1);
    }
    check(good, "'{}': expected a duration such as 90s, 10m, 1h30m or 2d", text);
    return seconds;
}

std::string format_bytes(double bytes) {
    static constexpr std::array units{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    if (bytes < 0) return "-" + format_bytes(-bytes);
    std::size_t unit = 0;
    for (; bytes >= 1023.5 && unit + 1 < units.size(); ++unit) bytes /= 1024;
    return (unit == 0 ? fmt::format("{:.0f}", bytes) : three_digits(bytes)) + " " + units[unit];
}

std::string format_count(std::int64_t count) {
    std::string text = std::to_string(count);
    std::size_t const sign = count < 0 ? 1 : 0;
    for (std::size_t i = text.size(); i > sign + 3;) text.insert(i -= 3, ",");
    return text;
}

std::string format_seconds(double seconds) {
    if (seconds < 0) return "-" + format_seconds(-seconds);
    if (seconds == 0) return "0 s";
    if (seconds < 0.9995e-3) return two_digits(seconds * 1e6) + " us";
    if (seconds < 0.9995) return two_digits(seconds * 1e3) + " ms";
    if (seconds < 59.5) return two_digits(seconds) + " s";
    if (!(seconds < 1e15)) return fmt::format("{} s", seconds);
    auto const whole = static_cast<std::int64_t>(std::llround(seconds));
    if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
    auto const minutes = static_cast<std::int64_t>(std::llround(seconds / 60));
    return fmt::format("{} h {:02} min", format_count(minutes / 60), minutes % 60);
}

}  // namespace partita
