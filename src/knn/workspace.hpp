#pragma once

#include <cstdint>

namespace partita::knn {

/// What a search takes for itself when nothing is asked for (SearchOptions::workspace_bytes of 0).
constexpr std::int64_t default_workspace_bytes = std::int64_t{64} << 20;

constexpr std::int64_t workspace_or_default(std::int64_t asked_bytes) {
    return asked_bytes > 0 ? asked_bytes : default_workspace_bytes;
}

}  // namespace partita::knn
