#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace partita::frame {

/// Read "2014-07-01", "2014-07-01 00:30:00", with "T" for the blank, up to six decimals of a second
/// and "Z", as microseconds since 1970 (UTC, Gregorian calendar). False when it is none.
bool parse_timestamp(std::string_view text, std::int64_t& microseconds);

/// "2014-07-01 00:30:00", with as many decimals (3 or 6) as there are.
void append_timestamp(std::string& out, std::int64_t microseconds);

}  // namespace partita::frame
