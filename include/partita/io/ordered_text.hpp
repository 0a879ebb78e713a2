#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/io/shared_file.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace partita::io {

/// A file that ranks append to together, in rank order: CSV, JSON lines, labels.
class OrderedTextWriter {
  public:
    /// Collective. @throws CollectiveError (no such folder, exists and not `overwrite`).
    OrderedTextWriter(Communicator const& comm, std::string const& path, bool overwrite);
    /// A file of an output that another job may finish; goes on at its recorded end. Collective.
    OrderedTextWriter(Communicator const& comm, PartialOutput& partial, std::string const& name);

    /// Collective: append every rank's block, rank 0's first. A block may be empty.
    /// @throws CollectiveError when the disk is full.
    void write(std::string_view block);

    /// Make room for `bytes` more, the same on all ranks, which they then fill by write_at.
    /// Returns where it begins. Does not communicate.
    std::int64_t extend(std::int64_t bytes);
    /// Rank-local, thread-safe.
    void write_at(std::int64_t offset, void const* data, std::int64_t bytes) const {
        file_.write_at(offset, data, bytes);
    }

    /// What has been written so far, by all ranks.
    std::int64_t bytes() const { return bytes_; }

    /// Rank-local: push what this rank wrote to the device.
    void sync() const { file_.sync(); }

    /// Collective: the file gets its name. Without commit, nothing remains of it.
    void commit() { file_.commit(); }

  private:
    Communicator comm_;
    SharedFile file_;
    PartialOutput* partial_ = nullptr;
    std::string name_;
    std::int64_t bytes_ = 0;
};

}  // namespace partita::io
