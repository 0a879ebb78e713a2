#pragma once

#include <cstdint>
#include <string>

namespace partita {

/// A node's copies of broadcast files: `<folder>/partita-cache-<hash, 16 hex digits>-<bytes>`.
std::string cached_copy_path(std::string const& folder, std::uint64_t hash, std::int64_t bytes);

/// Whether the folder has any copy of a file of this size: if not, the hash need not be known.
bool has_copy_of_size(std::string const& folder, std::int64_t bytes);

/// Whether a copy is there and may be used. It is trusted by its name and size when it was written
/// since the machine was started, for it got its name only when its hash was right; an older one
/// may have lost what was not yet on the disk, and is hashed, as all are with `verify`.
bool has_valid_copy(std::string const& folder, std::uint64_t hash, std::int64_t bytes, bool verify);

/// hash_bytes of a file's contents.
std::uint64_t hash_file(std::string const& path);

}  // namespace partita
