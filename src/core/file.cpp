#include "partita/core/file.hpp"

#include "partita/core/error.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace partita {
namespace {

/// Linux moves at most 2 GiB - 4 KiB in one call; this is below that on every system.
constexpr std::int64_t most_bytes_per_call = std::int64_t{1} << 30;

/// Throw what errno says about `path` unless `ok`.
void check_path(bool ok, std::string const& path) {
    if (!ok) [[unlikely]]
        fail("{}: {}", path, errno_text(errno));
}

int open_or_fail(std::string const& path, int flags) {
    int descriptor = -1;
    do descriptor = ::open(path.c_str(), flags | O_CLOEXEC, 0666);
    while (descriptor < 0 && errno == EINTR);
    check_path(descriptor >= 0, path);
    struct stat status {};
    if (::fstat(descriptor, &status) != 0) return descriptor;
    bool const is_folder = S_ISDIR(status.st_mode), is_pipe = S_ISFIFO(status.st_mode);
    if (is_folder || is_pipe) {
        ::close(descriptor);
        fail("{}: expected a file, got a {}", path, is_folder ? "folder" : "pipe");
    }
    return descriptor;
}

}  // namespace

File File::open_read(std::string const& path) {
    // Opening a pipe would wait for its writer, if not for O_NONBLOCK; files know no such thing.
    return {path, open_or_fail(path, O_RDONLY | O_NONBLOCK)};
}

File File::create(std::string const& path) {
    return {path, open_or_fail(path, O_RDWR | O_CREAT | O_TRUNC)};
}

File File::open_write(std::string const& path) { return {path, open_or_fail(path, O_RDWR)}; }

File::~File() {
    if (is_open()) ::close(descriptor_);
}

File::File(File&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

File& File::operator=(File&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(descriptor_, other.descriptor_);
    return *this;
}

std::int64_t File::size() const {
    struct stat status {};
    check_path(::fstat(descriptor_, &status) == 0, path_);
    return status.st_size;
}

void File::read_at(std::int64_t offset, void* out, std::int64_t bytes) const {
    std::int64_t const got = read_some_at(offset, out, bytes);
    check(got == bytes, "{}: expected {} bytes at offset {}, got {}", path_, bytes, offset, got);
}

std::int64_t File::read_some_at(std::int64_t offset, void* out, std::int64_t bytes) const {
    std::int64_t done = 0;
    while (done < bytes) {
        auto const part = static_cast<std::size_t>(std::min(bytes - done, most_bytes_per_call));
        ssize_t const got =
            ::pread(descriptor_, static_cast<std::byte*>(out) + done, part, offset + done);
        if (got < 0 && errno == EINTR) continue;
        check_path(got >= 0, path_);
        if (got == 0) break;
        done += got;
    }
    return done;
}

void File::write_at(std::int64_t offset, void const* data, std::int64_t bytes) const {
    for (std::int64_t done = 0; done < bytes;) {
        auto const part = static_cast<std::size_t>(std::min(bytes - done, most_bytes_per_call));
        ssize_t const put =
            ::pwrite(descriptor_, static_cast<std::byte const*>(data) + done, part, offset + done);
        if (put < 0 && errno == EINTR) continue;
        check_path(put >= 0, path_);
        done += put;
    }
}

void File::resize(std::int64_t bytes) const {
    check_path(::ftruncate(descriptor_, bytes) == 0, path_);
}

void File::sync() const { check_path(::fsync(descriptor_) == 0, path_); }

void File::close() {
    if (!is_open()) return;
    // Network file systems report late write errors here. EINTR leaves nothing to retry on Linux.
    int const status = ::close(std::exchange(descriptor_, -1));
    check_path(status == 0 || errno == EINTR, path_);
}

bool file_exists(std::string const& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0;
}

std::string read_text_file(std::string const& path, std::int64_t max_bytes) {
    File const file = File::open_read(path);
    std::int64_t const size = file.size();
    check(size <= max_bytes, "{}: expected a text of at most {} bytes, got {}", path, max_bytes,
          size);
    std::string text(static_cast<std::size_t>(size), '\0');
    text.resize(static_cast<std::size_t>(file.read_some_at(0, text.data(), size)));
    return text;
}

}  // namespace partita
