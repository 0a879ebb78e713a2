#include "partita/io/shared_file.hpp"

#include "io/reserve.hpp"

#include "partita/comm/on_root.hpp"

namespace partita::io {

SharedFile::SharedFile(Communicator const& comm, std::string const& path, std::int64_t bytes,
                       bool overwrite, Step const& lay_out)
    : comm_(comm), path_(path) {
    on_root(comm, [&] { create(bytes, overwrite, lay_out); });
    temporary_path_ = comm.broadcast(atomic_.temporary_path());
    collectively(comm, "open the output on every node (its folder must be shared by all nodes)",
                 [&] {
                     if (!comm.is_root()) file_ = File::open_write(temporary_path_);
                 });
}

void SharedFile::create(std::int64_t bytes, bool overwrite, Step const& lay_out) {
    check(bytes >= 0, "{}: expected a size, got {} bytes", path_, bytes);
    atomic_ = AtomicFile(path_, overwrite);
    file_ = File::open_write(atomic_.temporary_path());
    reserve(file_, 0, bytes, path_);
    file_.resize(bytes);
    if (!lay_out) return;
    lay_out(atomic_.temporary_path());
    reserve(file_, 0, file_.size(), path_);  // it may have cut the file on its way
}

void SharedFile::write_at(std::int64_t offset, void const* data, std::int64_t bytes) const {
    try {
        file_.write_at(offset, data, bytes);
    } catch (Error const& error) {
        std::string_view message = error.what();
        if (message.starts_with(file_.path())) message.remove_prefix(file_.path().size());
        fail("{}{}", path_, message);  // users know the file by its final name
    }
}

void SharedFile::commit(Step const& finish) {
    collectively(comm_, "", [&] {
        file_.sync();
        file_.close();
    });
    on_root(comm_, [&] {
        if (finish) finish(temporary_path_);
        atomic_.commit();
    });
}

}  // namespace partita::io
