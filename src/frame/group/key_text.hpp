#pragma once

#include "partita/frame/block.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace partita::frame {

/// "city = 'Oslo', year = 1990, zip is null": the keys of a row, for messages.
std::string key_text(Block const& block, std::int64_t row, std::span<std::int64_t const> keys);

}  // namespace partita::frame
