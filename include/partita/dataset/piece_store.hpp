#pragma once

#include "partita/dataset/context.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace partita::dataset {

/// A run of packed items of one partition, in the order in which one source partition made them.
struct Piece {
    std::int64_t partition = 0;  ///< Where the items belong.
    std::int64_t source = 0;     ///< The partition that they came from.
    std::int64_t sequence = 0;   ///< Which of that source's pieces for this partition.
    std::int64_t bytes = 0;
};

/// Pieces start at multiples of this in exchanged data, so that flat items can be read in place.
inline constexpr std::int64_t piece_alignment = 16;

/// Where a store's blocks may lie.
enum class Room {
    memory_or_scratch,  ///< In memory while there is room, then in scratch.
    memory,             ///< In memory: add() throws NoRoom when there is none.
    scratch,
};

/// A block found no room in memory, and may not go to scratch.
struct NoRoom {};

class SpilledPieces;

/// Packed items by partition: what a wide operation exchanges, and what it results in.
///
/// First pieces are added (from several threads); exchange() takes them to the ranks that own their
/// partitions, or settle() says that they are there already; then partitions can be read, by
/// several threads and as often as wanted. A partition reads in the order of (source, sequence),
/// whichever ranks and threads were at work. Blocks that find no room in memory are in scratch, and
/// so is what is noted about their pieces.
class PieceStore {
  public:
    explicit PieceStore(Context context, Room room = Room::memory_or_scratch);
    ~PieceStore();
    PieceStore(PieceStore const&) = delete;
    PieceStore& operator=(PieceStore const&) = delete;

    /// Add a block: `pieces`, one after another without gaps. Thread-safe.
    void add(PooledBuffer block, std::span<Piece const> pieces);

    /// Before exchange() or settle(): what was added as partition p belongs to new_partition(p).
    void rename_partitions(FunctionRef<std::int64_t(std::int64_t)> new_partition);

    /// Take every piece to the owner of its partition. Collective.
    ///
    /// Works in rounds that send and receive at most the exchange's share of memory.
    /// @param partitions  Partitions that all pieces belong to: [0, partitions).
    /// @throws CollectiveError "what: ..." when a rank runs out of memory or scratch.
    void exchange(std::int64_t partitions, std::string_view what);

    /// All pieces belong to partitions of this rank: make them readable.
    void settle(RowRange partitions);

    /// Call read(bytes) for each piece of a partition of this rank, in order. Thread-safe.
    void for_each_piece(std::int64_t partition,
                        FunctionRef<void(std::span<std::byte const>)> read) const;
    /// The same with what is known about the piece.
    void for_each_described(std::int64_t partition,
                            FunctionRef<void(Piece const&, std::span<std::byte const>)> read) const;

    std::int64_t partition_bytes(std::int64_t partition) const;
    Context const& context() const { return context_; }

  private:
    friend class PieceCursor;
    struct Block;
    struct Placed {
        Piece piece;
        std::shared_ptr<Block> block;
        std::int64_t offset = 0;
    };
    class Sender;

    void receive(PooledBuffer bytes, std::vector<std::int64_t> const& bytes_from);
    /// Keep a block in memory, or spill it. Thread-safe.
    void place(PooledBuffer block, std::span<Piece const> pieces,
               std::span<std::int64_t const> offsets, std::shared_ptr<SpilledPieces>& spilled);
    std::span<Placed const> pieces_of(std::int64_t partition) const;
    /// Have what is noted about pieces counted as kept data. The caller holds the lock.
    void count_placed();

    Context context_;
    Room room_;
    mutable std::mutex mutex_;
    std::vector<Placed> placed_;     ///< In memory; after settling by partition, source, sequence.
    std::int64_t placed_bytes_ = 0;  ///< Of these that the account knows.
    /// In scratch: what was added (of which some may have left), and what an exchange brought.
    std::shared_ptr<SpilledPieces> added_, received_;
    RowRange local_;
    std::vector<std::int64_t> starts_;  ///< Of each local partition in placed_.
};

/// The pieces of one partition of a settled store, one at a time.
class PieceCursor {
  public:
    PieceCursor(PieceStore const& store, std::int64_t partition);
    ~PieceCursor();

    /// The next piece; the view lasts until the next call. @returns false after the last.
    bool next(std::span<std::byte const>& bytes);
    /// The same with what is known about the piece; without its bytes unless asked for.
    bool next(Piece& piece, std::span<std::byte const>* bytes);

  private:
    struct Spilled;

    PieceStore const& store_;
    std::span<PieceStore::Placed const> left_;
    std::vector<std::unique_ptr<Spilled>> spilled_;
    PooledBuffer scratch_;
};

}  // namespace partita::dataset
