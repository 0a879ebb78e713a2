#pragma once

#include "partita/core/file.hpp"

#include <cstdint>
#include <string>

namespace partita::io {

/// Ask for the disk blocks of [offset, offset + bytes) now, lengthening the file when it is
/// shorter: a full disk is known before hours of work, not after.
/// @param path  The output's final name, for the message.
void reserve(File const& file, std::int64_t offset, std::int64_t bytes, std::string const& path);

}  // namespace partita::io
