#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace partita {

/// "14GiB", "500 MB", "64k", "1.5g", "1048576" as bytes. KiB, MiB, GiB, TiB and single letters are
/// powers of 1024; KB, MB, GB, TB powers of 1000. Case does not matter.
/// @throws Error that quotes the text when it is no size or does not fit 63 bits.
std::int64_t parse_bytes(std::string_view text);

/// "1.50 GiB", "12.0 MiB", "311 B": three significant digits, powers of 1024.
std::string format_bytes(double bytes);

/// "500,000": thousands separated by commas.
std::string format_count(std::int64_t count);

/// "90", "45s", "10m", "1h30m", "2d" as seconds.
/// @throws Error that quotes the text when it is no duration.
std::int64_t parse_seconds(std::string_view text);

/// "3.2 s", "45 ms", "2 min 10 s", "1 h 05 min".
std::string format_seconds(double seconds);

}  // namespace partita
