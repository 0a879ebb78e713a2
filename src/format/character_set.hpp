#pragma once

#include "partita/format/byte_set.hpp"

#include <optional>
#include <string_view>

namespace partita::format {

/// The set that a pattern like "[a-z']+", "[^ ,]+", "\\w+" repeats, without line ends; nothing for
/// other patterns, and for sets of characters that are not ASCII.
std::optional<ByteSet> parse_repeated_set(std::string_view pattern);

}  // namespace partita::format
