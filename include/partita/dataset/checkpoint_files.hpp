#pragma once

#include "partita/core/file.hpp"
#include "partita/dataset/context.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace partita::dataset {

/// A dataset's partitions in a folder that all ranks see: a data file per rank that wrote it, and a
/// manifest that says where the pieces of each partition are and what their checksums are.
///
/// The manifest comes last, and at once (written aside, synced, renamed): a folder has either a
/// finished checkpoint or none. Reading does not depend on how many ranks wrote. Packed bytes are
/// those of machines of one kind.
class CheckpointFiles {
  public:
    /// What must be the same in the run that wrote a checkpoint and in the one that reads it.
    struct Identity {
        std::string outline;  ///< Of the operations that lead here.
        std::string element;  ///< The type of the elements.
        std::string version;  ///< The user's word for what operations do not show.
    };

    /// Look for a finished checkpoint. Collective.
    /// @throws CollectiveError when there is one of another identity, or a damaged manifest.
    CheckpointFiles(Context context, std::string folder, Identity identity);
    ~CheckpointFiles();  ///< Removes what this rank has written of an unfinished checkpoint.

    std::string const& folder() const { return folder_; }
    bool finished() const { return finished_; }
    std::int64_t partitions() const { return partitions_; }      ///< Of a finished one.
    std::string const& placement() const { return placement_; }  ///< Of a finished one.

    /// Make the folder, and this rank's empty data file in it. Collective.
    void start_writing();
    /// Add the next piece of a partition. Thread-safe; a partition's pieces come from one thread.
    void write(std::int64_t partition, std::span<std::byte const> bytes);
    /// Sync everything and write the manifest. Collective.
    void finish_writing(std::int64_t partitions, std::string const& placement);

    /// Open the data files that hold this rank's partitions. Collective.
    /// @throws CollectiveError when one is missing or too short.
    void start_reading();
    /// Call read(bytes) for each piece of a partition of this rank, in order. Thread-safe.
    /// @throws Error when bytes are not those that were written.
    void for_each_piece(std::int64_t partition,
                        FunctionRef<void(std::span<std::byte const>)> read) const;

  private:
    struct Piece {
        std::int64_t partition, file, offset, bytes;
        std::uint64_t hash;
    };
    struct Manifest {
        std::string outline, element, version, placement;
        std::int64_t partitions = 0;
        std::vector<Piece> pieces;  ///< By partition, in order.
    };

    std::string manifest_path() const { return folder_ + "/manifest"; }
    std::string data_path(std::int64_t file) const;
    void read_manifest(std::string const& packed);
    std::string pack_manifest(std::vector<Piece> pieces) const;
    void remove_leftovers() const;
    std::span<Piece const> pieces_of(std::int64_t partition) const;

    Context context_;
    std::string folder_;
    Identity identity_;
    bool finished_ = false;
    std::int64_t partitions_ = 0;
    std::string placement_;
    std::vector<Piece> pieces_;  ///< Written here, then (finished) all, by partition.
    std::vector<File> files_;    ///< By number; closed ones hold nothing of this rank's partitions.
    std::optional<File> writing_;
    std::atomic<std::int64_t> written_bytes_ = 0;
    std::mutex mutex_;
};

}  // namespace partita::dataset
