#pragma once

#include "dataset/spilled_bytes.hpp"

#include "partita/dataset/piece_store.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace partita::dataset {

/// A piece in scratch: what is noted about it.
struct SpilledPiece {
    Piece piece;
    SpilledPart at;
};

/// Pieces of a store that found no room in memory, and the notes about them, which would take as
/// much again where pieces are small.
///
/// Notes wait in memory until they are some; then they are sorted by (partition, source, sequence)
/// and appended to the file as a run. Of runs of one size, sixteen become one, and all of them in
/// the end. So what is in memory does not grow with the pieces, and a partition's are found by
/// bisecting.
class SpilledPieces {
  public:
    explicit SpilledPieces(Context const& context) : context_(context) {}
    ~SpilledPieces() { context_.memory().release(noted_bytes_); }
    SpilledPieces(SpilledPieces const&) = delete;
    SpilledPieces& operator=(SpilledPieces const&) = delete;

    /// Write a block to scratch. Thread-safe.
    /// @param offsets  Where each piece lies in it, ascending.
    void add(PooledBuffer const& block, std::span<Piece const> pieces,
             std::span<std::int64_t const> offsets);

    /// What was noted of partition p is of partition new_partition(p).
    void rename(FunctionRef<std::int64_t(std::int64_t)> new_partition);

    /// All is there: from now on it may be read.
    void settle();

    /// The bytes of a piece, read into `scratch`. Thread-safe.
    std::span<std::byte const> read(SpilledPiece const& piece, PooledBuffer& scratch) const {
        return read_part(*file_, piece.at, piece.piece.bytes, context_.memory(), scratch);
    }

  private:
    friend class SpilledPieceCursor;
    /// Sorted notes in the file.
    struct Run {
        std::int64_t first = 0, count = 0;
        int level = 0;  ///< How often its notes were merged.
    };

    void note(SpilledPiece const& piece);
    void write_run();
    void merge_last_runs(std::size_t count);
    std::int64_t most_notes() const;
    std::shared_ptr<SpillFile> file();

    Context context_;
    std::mutex mutex_;
    std::shared_ptr<SpillFile> file_;
    std::vector<SpilledPiece> recent_;  ///< Not in a run; sorted when settled.
    std::int64_t noted_bytes_ = 0;      ///< Of these that the account knows.
    std::vector<Run> runs_;
};

/// The notes of a range of partitions, in the order of (partition, source, sequence). A copy goes
/// on by itself.
class SpilledPieceCursor {
  public:
    SpilledPieceCursor(SpilledPieces const& pieces, RowRange partitions);

    /// The next one, null after the last.
    SpilledPiece const* next() const {
        if (sequences_.empty()) return nullptr;
        SpilledPiece const& least = sequences_[least_].front();
        return least.piece.partition < last_partition_ ? &least : nullptr;
    }
    void pop();

  private:
    friend class SpilledPieces;
    /// A sorted sequence in memory or, read some at a time, in the file.
    class Sequence {
      public:
        explicit Sequence(std::span<SpilledPiece const> in_memory) : in_memory_(in_memory) {}
        Sequence(SpillFile const& file, std::int64_t first, std::int64_t count);

        bool at_end() const { return in_memory_.empty() && at_ == filled_; }
        SpilledPiece const& front() const {
            return in_memory_.empty() ? some_[at_] : in_memory_[0];
        }
        void pop();

      private:
        void refill();

        std::span<SpilledPiece const> in_memory_;
        SpillFile const* file_ = nullptr;
        std::int64_t next_ = 0, left_ = 0;  ///< Offset and number of what is still in the file.
        std::array<SpilledPiece, 16> some_{};
        std::size_t at_ = 0, filled_ = 0;
    };

    SpilledPieceCursor() = default;
    void add(Sequence sequence);
    void find_least();

    std::int64_t last_partition_ = std::numeric_limits<std::int64_t>::max();
    std::vector<Sequence> sequences_;
    std::size_t least_ = 0;  ///< The one whose front comes first.
};

}  // namespace partita::dataset
