#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace partita {

/// A key or word, and how often it appears.
using Counted = std::pair<std::string, std::int64_t>;

/// Most frequent ones first, equally frequent ones by their bytes.
inline bool more_frequent(Counted const& a, Counted const& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
}

}  // namespace partita
