#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/core/atomic_file.hpp"
#include "partita/core/file.hpp"
#include "partita/io/partial_output.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace partita::io {

/// One output file that all ranks write into at known offsets, and that appears only when whole.
///
/// All nodes must see the file's folder (a shared file system, when there are several nodes).
class SharedFile {
  public:
    /// Does something to the file of this name; may throw.
    using Step = std::function<void(std::string const& temporary_path)>;

    /// Collective. Root makes a temporary file of `bytes` bytes, the others open it.
    /// @param lay_out  When given: called on root to write the file's first contents, once it is
    ///                 known that the disk has room for `bytes`; what length it leaves counts.
    /// @throws CollectiveError: no such folder, exists and not `overwrite`, disk full, or a rank
    ///         that does not see the file.
    SharedFile(Communicator const& comm, std::string const& path, std::int64_t bytes,
               bool overwrite, Step const& lay_out = {});

    /// A file of an output that another job may finish: the one that the job before has recorded,
    /// cut to its recorded length, or a new one. `partial` must outlast it.
    ///
    /// Collective. Whoever writes tells `partial` how many bytes are to be recorded.
    SharedFile(Communicator const& comm, PartialOutput& partial, std::string const& name,
               std::int64_t bytes, Step const& lay_out = {});

    /// Rank-local, thread-safe.
    void write_at(std::int64_t offset, void const* data, std::int64_t bytes) const;
    std::string const& path() const { return path_; }
    /// Where the bytes are until commit.
    std::string const& temporary_path() const { return temporary_path_; }

    /// Rank-local: push what this rank wrote to the device.
    void sync() const { file_.sync(); }

    /// Collective: everything is written; sync and give the file its name.
    /// @param finish  When given: called on root, after the writes of all ranks, before the rename.
    void commit(Step const& finish = {});

  private:
    void create(std::int64_t bytes, Step const& lay_out);
    void open_on_all();

    Communicator comm_;
    AtomicFile atomic_;  // root's; empty elsewhere
    File file_;
    PartialOutput* partial_ = nullptr;
    std::string path_, temporary_path_, name_;
};

}  // namespace partita::io
