#include "partita/io/shared_file.hpp"

#include "io/reserve.hpp"

#include "partita/comm/on_root.hpp"

namespace partita::io {

SharedFile::SharedFile(Communicator const& comm, std::string const& path, std::int64_t bytes,
                       bool overwrite, Step const& lay_out)
    : comm_(comm), path_(path) {
    on_root(comm, [&] {
        check(bytes >= 0, "{}: expected a size, got {} bytes", path_, bytes);
        atomic_ = AtomicFile(path_, overwrite);
        temporary_path_ = atomic_.temporary_path();
        create(bytes, lay_out);
    });
    temporary_path_ = comm.broadcast(temporary_path_);
    open_on_all();
}

SharedFile::SharedFile(Communicator const& comm, PartialOutput& partial, std::string const& name,
                       std::int64_t bytes, Step const& lay_out)
    : comm_(comm),
      partial_(&partial),
      path_(partial.path()),
      temporary_path_(partial.file(name)),
      name_(name) {
    auto const recorded = partial.recorded_bytes(name);
    on_root(comm, [&] {
        if (!recorded) {
            file_ = File::create(temporary_path_);
            return create(bytes, lay_out);
        }
        file_ = File::open_write(temporary_path_);
        check(file_.size() >= *recorded, "{}: expected the {} bytes of the record, got {}",
              temporary_path_, *recorded, file_.size());
        file_.resize(*recorded);
    });
    open_on_all();
}

void SharedFile::open_on_all() {
    collectively(comm_, "open the output on every node (its folder must be shared by all nodes)",
                 [&] {
                     if (!comm_.is_root()) file_ = File::open_write(temporary_path_);
                 });
}

void SharedFile::create(std::int64_t bytes, Step const& lay_out) {
    file_ = File::open_write(temporary_path_);
    reserve(file_, 0, bytes, path_);
    file_.resize(bytes);
    if (!lay_out) return;
    lay_out(temporary_path_);
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
        if (partial_ == nullptr) atomic_.commit();
    });
    if (partial_ != nullptr) partial_->commit(name_);
}

}  // namespace partita::io
