#include "partita/io/ordered_text.hpp"

#include "partita/comm/collectively.hpp"

#include <numeric>

namespace partita::io {

OrderedTextWriter::OrderedTextWriter(Communicator const& comm, std::string const& path,
                                     bool overwrite)
    : comm_(comm), file_(comm, path, 0, overwrite) {}

OrderedTextWriter::OrderedTextWriter(Communicator const& comm, PartialOutput& partial,
                                     std::string const& name)
    : comm_(comm),
      file_(comm, partial, name, 0),
      partial_(&partial),
      name_(name),
      bytes_(partial.recorded_bytes(name).value_or(0)) {
    partial.set_bytes(name, bytes_);
}

void OrderedTextWriter::write(std::string_view block) {
    auto const sizes = comm_.all_gather(static_cast<std::int64_t>(block.size()));
    std::int64_t const before =
        std::accumulate(sizes.begin(), sizes.begin() + comm_.rank(), std::int64_t{0});
    collectively(comm_, "", [&] {
        if (!block.empty())
            file_.write_at(bytes_ + before, block.data(), static_cast<std::int64_t>(block.size()));
    });
    extend(std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0}));
}

std::int64_t OrderedTextWriter::extend(std::int64_t bytes) {
    std::int64_t const begin = bytes_;
    bytes_ += bytes;
    if (partial_ != nullptr) partial_->set_bytes(name_, bytes_);
    return begin;
}

}  // namespace partita::io
