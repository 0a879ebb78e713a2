#pragma once

#include <cstddef>
#include <cstdint>
#include <sys/mman.h>
#include <unistd.h>

namespace partita::knn {

/// Advice on pages of mapped files; the system may ignore it.

/// The whole pages that some bytes touch. Others may be at work on the first and the last; they
/// read those again if they must.
struct MappedPages {
    std::uintptr_t first, last;

    MappedPages(std::byte const* begin, std::int64_t bytes) {
        auto const page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
        auto const from = reinterpret_cast<std::uintptr_t>(begin);
        std::uintptr_t const to = from + static_cast<std::uintptr_t>(bytes);
        first = from / page * page;
        last = (to + page - 1) / page * page;
    }
    void advise(int advice) const {
        if (last > first) madvise(reinterpret_cast<void*>(first), last - first, advice);
    }
};

/// Begin to read.
inline void read_ahead(std::byte const* begin, std::int64_t bytes) {
    MappedPages(begin, bytes).advise(MADV_WILLNEED);
}

/// Take pages out of this process's memory; what is read again comes from the file.
inline void drop_pages(std::byte const* begin, std::int64_t bytes) {
    MappedPages(begin, bytes).advise(MADV_DONTNEED);
}

}  // namespace partita::knn
