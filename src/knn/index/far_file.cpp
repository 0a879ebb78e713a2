#include "knn/index/far_file.hpp"

#include "partita/core/error.hpp"

#include <cstring>
#include <fcntl.h>
#include <vector>

namespace partita::knn {

namespace {

/// Bytes that are read for nothing rather than by another call to the system.
constexpr std::int64_t largest_gap = 8 << 10;

std::byte const* bytes_at(float const* place) { return reinterpret_cast<std::byte const*>(place); }

}  // namespace

FarFile::FarFile(MappedFile const& mapping)
    : file_(File::open_read(mapping.path())), begin_(mapping.data()) {
    check(file_.size() == mapping.size(), "{}: expected {} bytes as a moment ago, got {}",
          mapping.path(), mapping.size(), file_.size());
}

void FarFile::read_rows(std::span<float const* const> places, std::int64_t row_bytes,
                        float* out) const {
    thread_local std::vector<std::byte> buffer;
    auto const dim = row_bytes / static_cast<std::int64_t>(sizeof(float));
    for (std::size_t first = 0; first < places.size();) {
        std::byte const* const begin = bytes_at(places[first]);
        std::size_t last = first + 1;
        while (last < places.size() &&
               bytes_at(places[last]) - bytes_at(places[last - 1]) <= row_bytes + largest_gap &&
               bytes_at(places[last]) + row_bytes - begin <= buffer_bytes)
            ++last;
        float* const to = out + static_cast<std::int64_t>(first) * dim;
        if (last == first + 1) {
            read(begin, row_bytes, to);
        } else {
            std::int64_t const bytes = bytes_at(places[last - 1]) + row_bytes - begin;
            buffer.resize(static_cast<std::size_t>(buffer_bytes));
            read(begin, bytes, buffer.data());
            for (std::size_t i = first; i < last; ++i)
                std::memcpy(to + static_cast<std::int64_t>(i - first) * dim,
                            buffer.data() + (bytes_at(places[i]) - begin),
                            static_cast<std::size_t>(row_bytes));
        }
        first = last;
    }
}

void FarFile::announce(std::byte const* place, std::int64_t bytes) const {
    posix_fadvise(file_.descriptor(), place - begin_, bytes, POSIX_FADV_WILLNEED);
}

}  // namespace partita::knn
