#include "partita/io/ordered_text.hpp"

#include "partita/comm/collectively.hpp"

#include <numeric>

namespace partita::io {

OrderedTextWriter::OrderedTextWriter(Communicator const& comm, std::string const& path,
                                     bool overwrite)
    : comm_(comm), file_(comm, path, 0, overwrite) {}

void OrderedTextWriter::write(std::string_view block) {
    auto const sizes = comm_.all_gather(static_cast<std::int64_t>(block.size()));
    std::int64_t const before =
        std::accumulate(sizes.begin(), sizes.begin() + comm_.rank(), std::int64_t{0});
    collectively(comm_, "", [&] {
        if (!block.empty())
            file_.write_at(bytes_ + before, block.data(), static_cast<std::int64_t>(block.size()));
    });
    bytes_ = std::accumulate(sizes.begin(), sizes.end(), bytes_);
}

}  // namespace partita::io
