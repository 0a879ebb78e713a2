#pragma once

#include "partita/core/file.hpp"

#include <cstddef>
#include <cstdint>

namespace partita {

/// Give a new file its length and its place on the device now, so that a full one is an Error
/// here and no signal at a write into a mapping later.
void reserve(File const& file, std::int64_t bytes);

/// Whether files in this folder live in memory (tmpfs, as /dev/shm).
bool is_memory_folder(std::string const& folder);

/// A file's bytes, mapped for reading and writing and shared between processes.
class SharedMapping {
  public:
    SharedMapping() = default;
    SharedMapping(File const& file, std::int64_t bytes);
    ~SharedMapping();
    SharedMapping(SharedMapping&& other) noexcept;
    SharedMapping& operator=(SharedMapping&& other) noexcept;

    std::byte* data() const { return data_; }
    std::int64_t size() const { return size_; }

  private:
    std::byte* data_ = nullptr;
    std::int64_t size_ = 0;
};

}  // namespace partita
