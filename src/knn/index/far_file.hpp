#pragma once

#include "partita/core/file.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace partita::knn {

/// A file that is mapped only to name places in it: its bytes are read into buffers, so that its
/// pages do not become this process's memory. Thread-safe.
class FarFile {
  public:
    /// @param mapping  Must outlive this.
    explicit FarFile(MappedFile const& mapping);

    /// @throws Error when the file has become shorter, or the device fails.
    void read(std::byte const* place, std::int64_t bytes, void* out) const {
        file_.read_at(place - begin_, out, bytes);
    }

    /// Rows of so many bytes at ascending places, to out[0], out[1], ...; near ones together.
    void read_rows(std::span<float const* const> places, std::int64_t row_bytes, float* out) const;

    /// Begin to read what will be asked for; the system may ignore it.
    void announce(std::byte const* place, std::int64_t bytes) const;

    /// What read_rows takes for each thread, at most, beside `out`.
    static constexpr std::int64_t buffer_bytes = 64 << 10;

  private:
    File file_;
    std::byte const* begin_;
};

}  // namespace partita::knn
