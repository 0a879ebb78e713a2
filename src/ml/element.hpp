#pragma once

#include <cstddef>
#include <cstdint>

namespace partita::ml {

/// Rows and features are counted in 64 bits with a sign, the standard library's elements without.
inline std::size_t index(std::int64_t i) { return static_cast<std::size_t>(i); }

template <class Values>
auto& at(Values& values, std::int64_t i) {
    return values[index(i)];
}

}  // namespace partita::ml
