#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace partita::dataset {

/// A file's bytes in turn, unzipped when gzip or zstd compressed it.
class TextStream {
  public:
    virtual ~TextStream() = default;
    /// Up to `bytes` bytes; less only at the end.
    virtual std::int64_t read(char* out, std::int64_t bytes) = 0;
};

enum class Compression { none, gzip, zstd };

/// What a file's first bytes say.
Compression compression_of(std::string const& path);

/// From `offset` on, which is 0 for compressed files.
std::unique_ptr<TextStream> open_text_stream(std::string const& path, std::int64_t offset);

}  // namespace partita::dataset
