#pragma once

#include "partita/io/shared_file.hpp"
#include "partita/io/vector_sink.hpp"

#include <cstdint>
#include <string>

namespace partita::io {

/// Ids as a one-dimensional .npy of int64 or byte strings ("S"), filled by all ranks.
class IdFile {
  public:
    /// Collective.
    IdFile(Communicator const& comm, std::string const& path, std::int64_t rows,
           IdShape const& shape, bool overwrite);

    std::string const& path() const { return file_.path(); }
    /// Rank-local, thread-safe.
    void write(std::int64_t first, std::int64_t count, IdBlock const& ids) const;
    /// Collective.
    void commit() { file_.commit(); }

  private:
    IdShape shape_;
    std::string header_;
    SharedFile file_;
};

}  // namespace partita::io
