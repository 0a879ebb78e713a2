#pragma once

#include <algorithm>
#include <cstdint>

namespace partita {

/// Rows [first, last) of something longer.
struct RowRange {
    std::int64_t first = 0;
    std::int64_t last = 0;

    std::int64_t size() const { return last - first; }
    bool empty() const { return first >= last; }
    bool contains(std::int64_t row) const { return row >= first && row < last; }
    friend bool operator==(RowRange const&, RowRange const&) = default;
};

/// The part-th of `parts` contiguous shares of [0, n): sizes differ by at most one, the longer
/// shares come first, and shares past the n-th are empty.
inline RowRange share_of(std::int64_t n, std::int64_t parts, std::int64_t part) {
    std::int64_t const base = n / parts, longer = n % parts;
    std::int64_t const first = part * base + std::min(part, longer);
    return {first, first + base + (part < longer ? 1 : 0)};
}

/// Which share of share_of(n, parts, .) holds `row`; 0 <= row < n.
inline std::int64_t share_holding(std::int64_t n, std::int64_t parts, std::int64_t row) {
    std::int64_t const base = n / parts, longer = n % parts;
    std::int64_t const split = longer * (base + 1);
    return row < split ? row / (base + 1) : longer + (row - split) / base;
}

}  // namespace partita
