#include "io/reserve.hpp"

#include "partita/core/bytes.hpp"
#include "partita/core/error.hpp"

#include <cerrno>
#include <fcntl.h>

namespace partita::io {

void reserve(File const& file, std::int64_t offset, std::int64_t bytes, std::string const& path) {
    // Not posix_fallocate, which falls back to writing a byte into every block.
    if (bytes == 0 || ::fallocate(file.descriptor(), 0, offset, bytes) == 0) return;
    int const error = errno;
    // Some file systems cannot reserve; writing will tell.
    check(error == EOPNOTSUPP || error == ENOSYS || error == EINVAL, "{}: cannot reserve {}: {}",
          path, format_bytes(static_cast<double>(bytes)), errno_text(error));
}

}  // namespace partita::io
