#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace partita {

/// How a file is cut for its way through the pipeline.
struct Chunks {
    std::int64_t file_bytes = 0;
    std::int64_t chunk_bytes = 1;

    std::int64_t count() const { return (file_bytes + chunk_bytes - 1) / chunk_bytes; }
    std::int64_t offset(std::int64_t chunk) const { return chunk * chunk_bytes; }
    std::int64_t size(std::int64_t chunk) const {
        std::int64_t const left = file_bytes - offset(chunk);
        return left < chunk_bytes ? left : chunk_bytes;
    }
};

/// So many chunks are in a rank's hands at a time: one arrives, one leaves, one is written.
constexpr std::int64_t chunks_in_hand = 4;

/// Where an arriving file goes, chunk by chunk in order.
class CopyTarget {
  public:
    virtual ~CopyTarget() = default;
    /// Where chunk `chunk` is to be put. It stays readable until prepare(chunk + chunks_in_hand).
    /// @throws Error when there is no room, or an earlier chunk could not be written.
    virtual std::byte* prepare(std::int64_t chunk) = 0;
    /// The chunk is complete.
    virtual void keep(std::int64_t chunk) = 0;
    /// All chunks have been kept; their writing ends here.
    virtual void finish() = 0;
};

/// Write a new file: through a mapping when `path` lies in memory, else by positioned writes in
/// the background.
/// @throws Error when the file cannot be made or there is no room for it.
std::unique_ptr<CopyTarget> make_copy_target(std::string const& path, Chunks chunks);

}  // namespace partita
