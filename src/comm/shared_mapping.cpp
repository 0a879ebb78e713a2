#include "comm/shared_mapping.hpp"

#include "partita/core/bytes.hpp"
#include "partita/core/error.hpp"

#include <cerrno>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/statfs.h>
#include <utility>

namespace partita {

void reserve(File const& file, std::int64_t bytes) {
    if (bytes == 0) return;
    int code = 0;
    do code = posix_fallocate(file.descriptor(), 0, bytes);
    while (code == EINTR);
    check(code == 0, "{}: cannot make room for {}: {}", file.path(),
          format_bytes(static_cast<double>(bytes)), errno_text(code));
}

bool is_memory_folder(std::string const& folder) {
    struct statfs status {};
    return statfs(folder.c_str(), &status) == 0 && status.f_type == TMPFS_MAGIC;
}

SharedMapping::SharedMapping(File const& file, std::int64_t bytes) : size_(bytes) {
    if (bytes == 0) return;
    void* const pages = mmap(nullptr, static_cast<std::size_t>(bytes), PROT_READ | PROT_WRITE,
                             MAP_SHARED, file.descriptor(), 0);
    check(pages != MAP_FAILED, "{}: cannot map {}: {}", file.path(),
          format_bytes(static_cast<double>(bytes)), errno_text(errno));
    data_ = static_cast<std::byte*>(pages);
    madvise(data_, static_cast<std::size_t>(bytes), MADV_HUGEPAGE);  // a wish only
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
