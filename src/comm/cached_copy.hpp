#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace partita {

/// A node's copies of broadcast files: `<folder>/partita-cache-<hash, 16 hex digits>-<bytes>`.
std::string cached_copy_path(std::string const& folder, std::uint64_t hash, std::int64_t bytes);

/// Whether the folder has any copy of a file of this size: if not, the hash need not be known.
bool has_copy_of_size(std::string const& folder, std::int64_t bytes);

/// Whether a copy is there and may be used. It is trusted by its name and size when it was written
/// since the machine was started, for it got its name only when its hash was right; an older one
/// may have lost what was not yet on the disk, and is hashed, as all are with `verify`. A valid
/// copy counts as used now.
bool has_valid_copy(std::string const& folder, std::uint64_t hash, std::int64_t bytes, bool verify);

/// Which copies must go, those unused for longest first, so that all of them and a new one of
/// `bytes` bytes take at most half of the room: of `free_bytes` and what they take now. Copies that
/// were used within the last ten minutes stay: a job may be about to open them.
std::vector<std::string> copies_to_evict(std::string const& folder, std::int64_t bytes,
                                         std::int64_t free_bytes);

/// Remove them, by the free space of the folder's file system. Who has one mapped keeps it.
void evict_copies(std::string const& folder, std::int64_t bytes);

/// hash_bytes of a file's contents.
std::uint64_t hash_file(std::string const& path);

}  // namespace partita
