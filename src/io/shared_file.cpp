#include "partita/io/shared_file.hpp"

#include "partita/comm/collectively.hpp"

#include <cerrno>
#include <fcntl.h>

namespace partita::io {

namespace {

/// Ask for the blocks now: a full disk is known before hours of work, not after. Not
/// posix_fallocate, which falls back to writing a byte into every block.
void reserve(File const& file, std::string const& path) {
    std::int64_t const bytes = file.size();
    if (bytes == 0 || ::fallocate(file.descriptor(), 0, 0, bytes) == 0) return;
    int const error = errno;
    // Some file systems cannot reserve; writing will tell.
    check(error == EOPNOTSUPP || error == ENOSYS || error == EINVAL,
          "{}: cannot reserve {} bytes: {}", path, bytes, errno_text(error));
}

}  // namespace

SharedFile::SharedFile(Communicator const& comm, std::string const& path, std::int64_t bytes,
                       bool overwrite)
    : comm_(comm), path_(path) {
    open(overwrite, [&](std::string const& temporary) {
        File const file = File::open_write(temporary);
        check(bytes >= 0, "{}: expected a size, got {} bytes", path, bytes);
        file.resize(bytes);
    });
}

SharedFile::SharedFile(Communicator const& comm, std::string const& path, bool overwrite,
                       Step const& lay_out)
    : comm_(comm), path_(path) {
    open(overwrite, lay_out);
}

void SharedFile::open(bool overwrite, Step const& lay_out) {
    collectively(comm_, "", [&] {
        if (!comm_.is_root()) return;
        atomic_ = AtomicFile(path_, overwrite);
        lay_out(atomic_.temporary_path());
        file_ = File::open_write(atomic_.temporary_path());
        reserve(file_, path_);
    });
    temporary_path_ = comm_.broadcast(atomic_.temporary_path());
    collectively(comm_, "open the output on every node (its folder must be shared by all nodes)",
                 [&] {
                     if (!comm_.is_root()) file_ = File::open_write(temporary_path_);
                 });
}

void SharedFile::commit(Step const& finish) {
    collectively(comm_, "", [&] {
        file_.sync();
        file_.close();
    });
    collectively(comm_, "", [&] {
        if (!comm_.is_root()) return;
        if (finish) finish(temporary_path_);
        atomic_.commit();
    });
}

}  // namespace partita::io
