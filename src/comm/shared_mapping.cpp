#include "comm/shared_mapping.hpp"

#include "partita/core/bytes.hpp"
#include "partita/core/error.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <utility>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25  // Linux 6.1
#endif

namespace partita {

namespace {

constexpr std::size_t page_bytes = 4096;
constexpr std::size_t huge_page_bytes = std::size_t{2} << 20;

/// Put a fresh huge page at `offset` of the file, mapped at `address`.
///
/// Most systems give files in memory no huge pages of themselves (shmem_enabled is "never"), but
/// do collapse small pages into one when asked: here one small page into an otherwise empty block.
bool make_huge_page(File const& file, std::int64_t offset, std::byte* address) {
    char const zero = 0;
    return pwrite(file.descriptor(), &zero, 1, offset) == 1 &&
           madvise(address, huge_page_bytes, MADV_COLLAPSE) == 0;
}

}  // namespace

void reserve(File const& file, std::int64_t first, std::int64_t last) {
    if (first >= last) return;
    int code = 0;
    do code = posix_fallocate(file.descriptor(), first, last - first);
    while (code == EINTR);
    check(code == 0, "{}: cannot make room for {}: {}", file.path(),
          format_bytes(static_cast<double>(last)), errno_text(code));
}

void check_room(std::string const& folder, std::int64_t bytes) {
    struct statvfs status {};
    check(statvfs(folder.c_str(), &status) == 0, "{}: {}", folder, errno_text(errno));
    double const free = static_cast<double>(status.f_bavail) * static_cast<double>(status.f_frsize);
    check(static_cast<double>(bytes) <= free, "{}: expected room for {}, got {}", folder,
          format_bytes(static_cast<double>(bytes)), format_bytes(free));
}

bool is_memory_folder(std::string const& folder) {
    struct statfs status {};
    return statfs(folder.c_str(), &status) == 0 && status.f_type == TMPFS_MAGIC;
}

SharedMapping::SharedMapping(File const& file, std::int64_t bytes) : size_(bytes) {
    if (bytes == 0) return;
    auto const length = static_cast<std::size_t>(bytes);
    // Address space with room to move the start to where a huge page may begin.
    void* const room = mmap(nullptr, length + huge_page_bytes, PROT_NONE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    check(room != MAP_FAILED, "{}: cannot map {}: {}", file.path(),
          format_bytes(static_cast<double>(bytes)), errno_text(errno));
    auto const address = reinterpret_cast<std::uintptr_t>(room);
    std::size_t const before = (huge_page_bytes - address % huge_page_bytes) % huge_page_bytes;
    auto* const start = static_cast<std::byte*>(room) + before;
    void* const pages =
        mmap(start, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file.descriptor(), 0);
    int const error_number = errno;
    if (pages == MAP_FAILED) munmap(room, length + huge_page_bytes);
    check(pages != MAP_FAILED, "{}: cannot map {}: {}", file.path(),
          format_bytes(static_cast<double>(bytes)), errno_text(error_number));
    std::size_t const used = (length + page_bytes - 1) / page_bytes * page_bytes;
    if (before > 0) munmap(room, before);
    if (used < length + huge_page_bytes - before)
        munmap(start + used, length + huge_page_bytes - before - used);
    data_ = start;
}

void SharedMapping::populate(File const& file, std::int64_t first, std::int64_t last) const {
    auto const block = static_cast<std::int64_t>(huge_page_bytes);
    for (std::int64_t at = first; at < last;) {
        std::int64_t const block_end = at / block * block + block;
        bool const whole = at % block == 0 && block_end <= last;
        if (!whole || !make_huge_page(file, at, data_ + at))
            reserve(file, at, std::min(block_end, last));
        at = block_end;
    }
}

SharedMapping::~SharedMapping() {
    if (data_) munmap(data_, static_cast<std::size_t>(size_));
}

SharedMapping::SharedMapping(SharedMapping&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

SharedMapping& SharedMapping::operator=(SharedMapping&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
}

}  // namespace partita
