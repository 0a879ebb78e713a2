#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace partita::format {

/// The bytes of a file, or what a gzip file unzips to. Reading may be done from several threads.
class ByteSource {
  public:
    virtual ~ByteSource() = default;

    /// Exactly `bytes` bytes from `offset`. A gzip file is read forward from where the last call
    /// ended, or from its start when `offset` lies before that.
    virtual void read_at(std::int64_t offset, void* out, std::int64_t bytes) const = 0;
    /// Up to `bytes` bytes from `offset`; less only at the end.
    virtual std::int64_t read_some_at(std::int64_t offset, void* out, std::int64_t bytes) const = 0;
    /// How many bytes there are; a gzip file is unzipped to count them, and no further than
    /// `limit`, which is returned when there are more.
    virtual std::int64_t size_up_to(std::int64_t limit) const = 0;
};

/// Unzips when the file starts with gzip's magic number, whatever its name.
std::unique_ptr<ByteSource> open_byte_source(std::string const& path);

}  // namespace partita::format
