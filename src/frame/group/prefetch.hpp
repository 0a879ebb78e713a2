#pragma once

#include <cstdint>

namespace partita::frame {

/// How many rows a group-by works on at a time, so that they stay in the nearest cache.
constexpr std::int64_t rows_at_once = 1024;

/// Call each(row) for rows [first, last) until it returns false; returns the row for which it did,
/// or `last`.
///
/// Keys and values are read in turn, some rows of each, which hardware does not foresee: what comes
/// next is asked for while these rows are worked on. It may lie behind the end: nothing is read.
/// This is done once a cache line, around a loop of as many rows as the line has values: asking at
/// each row whether a line begins there would take as long as the work itself.
template <class T, class Each>
std::int64_t for_rows(T const* values, std::int64_t first, std::int64_t last, Each const& each) {
    constexpr std::int64_t values_of_line = 64 / sizeof(T);
    std::int64_t row = first;
    for (; row + values_of_line <= last; row += values_of_line) {
        __builtin_prefetch(values + row + rows_at_once);
        for (std::int64_t i = 0; i < values_of_line; ++i)
            if (!each(row + i)) [[unlikely]]
                return row + i;
    }
    for (; row < last; ++row)
        if (!each(row)) return row;
    return last;
}

}  // namespace partita::frame
