#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace partita::frame::csv {

/// Fields as values. Up to 15 bytes behind a field are read, and ignored.

/// Whether `text` is an int64: an optional sign and digits.
bool parse_int64_slow(std::string_view text, std::int64_t& value);
/// Whether `text` is a decimal number, "nan" or "inf" (case ignored), as std::from_chars reads one;
/// what is out of double's range is none.
bool parse_double_slow(std::string_view text, double& value);
/// "true" or "false", in any case.
bool parse_bool(std::string_view text, std::uint8_t& value);
/// Whether `text` is digits with an optional sign, of any length.
bool is_integer(std::string_view text);

/// A field's text: without quotes around it, doubled quotes single. `scratch` holds it if needed.
std::string_view field_text(std::string_view field, std::string& scratch);

/// The eight characters at p as digits, least significant last; those behind `count` (1 to 8) do
/// not count. @returns whether they all are digits.
inline bool parse_eight(char const* p, std::int64_t count, std::uint64_t& value) {
    std::uint64_t bytes;
    std::memcpy(&bytes, p, 8);
    bytes = (bytes - 0x3030303030303030u) << (8 * (8 - count));
    if (((bytes + 0x7676767676767676u) | bytes) & 0x8080808080808080u) return false;
    // Neighbours are joined to pairs, pairs to fours, fours to eight (D. Lemire, "Quickly parsing
    // eight digits", 2018).
    bytes = bytes * 10 + (bytes >> 8);
    value = ((bytes & 0x000000ff000000ffu) * 0x000f424000000064u +
             ((bytes >> 16) & 0x000000ff000000ffu) * 0x0000271000000001u) >>
            32;
    return true;
}

inline bool parse_int64(char const* begin, char const* end, std::int64_t& value) {
    bool const negative = *begin == '-';
    char const* const digits = begin + negative;
    std::int64_t const count = end - digits;
    std::uint64_t high = 0, low = 0;
    if (count >= 1 && count <= 8) [[likely]] {
        if (!parse_eight(digits, count, low)) return false;
    } else if (count >= 9 && count <= 16) {
        if (!parse_eight(digits, count - 8, high) || !parse_eight(digits + count - 8, 8, low))
            return false;
        low += high * 100'000'000u;
    } else {
        return parse_int64_slow({begin, static_cast<std::size_t>(end - begin)}, value);
    }
    value = negative ? -static_cast<std::int64_t>(low) : static_cast<std::int64_t>(low);
    return true;
}

/// Powers of ten that a double holds exactly.
inline constexpr double powers_of_ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                           1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                           1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/// [-]digits[.digits] of up to 18 digits with a value of at most 2^53 without the point: both
/// operands of the division are exact, so its result is the nearest double (Clinger, 1990). All
/// else goes the slow way.
inline bool parse_double(char const* begin, char const* end, double& value) {
    bool const negative = *begin == '-';
    char const* p = begin + negative;
    char const* const first = p;
    std::uint64_t digits = 0;
    char const* point = nullptr;
    if (end - p <= 19) {
        for (; p < end; ++p) {
            auto const digit = static_cast<unsigned char>(*p - '0');
            if (digit <= 9)
                digits = digits * 10 + digit;
            else if (*p == '.' && !point)
                point = p;
            else
                break;
        }
    }
    std::int64_t const decimals = point ? p - point - 1 : 0;
    if (p != end || p - first - (point ? 1 : 0) == 0 || digits > (std::uint64_t{1} << 53))
        return parse_double_slow({begin, static_cast<std::size_t>(end - begin)}, value);
    double const quotient = static_cast<double>(digits) / powers_of_ten[decimals];
    value = negative ? -quotient : quotient;
    return true;
}

}  // namespace partita::frame::csv
