#include "partita/core/error.hpp"
#include "partita/core/file.hpp"

#include <cerrno>
#include <sys/mman.h>

namespace partita {

MappedFile::MappedFile(std::string const& path) : path_(path) {
    File const file = File::open_read(path);
    size_ = file.size();
    if (size_ == 0) return;  // the system maps nothing of length zero
    void* const start = ::mmap(nullptr, static_cast<std::size_t>(size_), PROT_READ, MAP_SHARED,
                               file.descriptor(), 0);
    check(start != MAP_FAILED, "{}: cannot map {} bytes: {}", path, size_, errno_text(errno));
    data_ = static_cast<std::byte const*>(start);
}

MappedFile::~MappedFile() {
    if (data_) ::munmap(const_cast<std::byte*>(data_), static_cast<std::size_t>(size_));
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : path_(std::move(other.path_)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
}

}  // namespace partita
