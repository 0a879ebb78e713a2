#pragma once

#include <cstdint>

namespace partita::frame::csv {

/// Readable bytes that every scanned text must have behind its end; what they hold does not matter.
inline constexpr std::int64_t slack_bytes = 64;

/// What a run of a file's bytes holds, for both cases of whether it begins inside quotes.
///
/// Whether it does, the quotes before it tell, which other ranks count at the same time: a newline
/// ends a row when an even number of quotes stands before it (doubled quotes cancel out). After
/// Ge, Li, Eilebrecht, Chandramouli, Kossmann, "Speculative distributed CSV data parsing for big
/// data analytics", SIGMOD 2019, without the speculation: counting runs at the memory's speed.
struct RangeScan {
    std::int64_t quotes = 0;
    /// Newlines outside of quotes: [0] when the run begins outside, [1] when inside.
    std::int64_t newlines[2] = {0, 0};
    /// Where the first of them is, from the beginning of all scanned text; -1 = there is none.
    std::int64_t first_newline[2] = {-1, -1};
    /// Whether there are empty lines within the run.
    bool blank_lines = false;
    std::int64_t bytes = 0;
    char first_byte = 0, last_byte = 0;

    /// Take in the next `size` bytes of the run.
    void add(char const* text, std::int64_t size, bool quotes_count);
};

/// Find the separators and newlines outside of quotes; `text` begins outside. Writes their
/// positions, ascending, to `out`, which has room for size + 64.
///
/// @param newlines  Becomes the number of newlines among them.
/// @return          How many there are.
std::int64_t find_structure(char const* text, std::int64_t size, char separator, bool quotes_count,
                            std::uint32_t* out, std::int64_t& newlines);

}  // namespace partita::frame::csv
