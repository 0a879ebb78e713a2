#pragma once

#include <cstdint>

namespace partita::frame {

/// How many rows a group-by works on at a time, so that they stay in the nearest cache.
constexpr std::int64_t rows_at_once = 2048;

/// Keys and values are read in turn, some rows of each, which hardware does not foresee: what comes
/// next is asked for while these rows are worked on. It may lie behind the end: nothing is read.
template <class T>
void prefetch_next(T const* values, std::int64_t row) {
    constexpr std::int64_t values_of_line = 64 / sizeof(T);
    if (row % values_of_line == 0) __builtin_prefetch(values + row + rows_at_once);
}

}  // namespace partita::frame
