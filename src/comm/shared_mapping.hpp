#pragma once

#include "partita/core/file.hpp"

#include <cstddef>
#include <cstdint>

namespace partita {

/// Give the bytes [first, last) of a file their place on the device now, so that a full one is an
/// Error here and no signal at a write into a mapping later.
void reserve(File const& file, std::int64_t first, std::int64_t last);

/// @throws Error unless the folder's file system has room for this much.
void check_room(std::string const& folder, std::int64_t bytes);

/// Whether files in this folder live in memory (tmpfs, as /dev/shm).
bool is_memory_folder(std::string const& folder);

/// A file's bytes, mapped for reading and writing and shared between processes. Large ones are
/// aligned so that they can have huge pages.
class SharedMapping {
  public:
    SharedMapping() = default;
    SharedMapping(File const& file, std::int64_t bytes);
    ~SharedMapping();
    SharedMapping(SharedMapping&& other) noexcept;
    SharedMapping& operator=(SharedMapping&& other) noexcept;

    /// Give the bytes [first, last) of a file in memory their pages: huge ones where possible, for
    /// they are had three to five times sooner, and speed up all later use. Zero-filled.
    /// @throws Error when the folder or the machine has no room.
    void populate(File const& file, std::int64_t first, std::int64_t last) const;

    std::byte* data() const { return data_; }
    std::int64_t size() const { return size_; }

  private:
    std::byte* data_ = nullptr;
    std::int64_t size_ = 0;
};

}  // namespace partita
