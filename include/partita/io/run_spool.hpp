#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/core/file.hpp"
#include "partita/io/ordered_text.hpp"
#include "partita/io/partial_output.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace partita::io {

/// What a rank has made of runs of units (rows, queries) before it is known how much lies ahead of
/// them in the output: kept in a file of the rank's own, in the output's folder, so that it takes
/// no memory however long ranks go on without meeting.
class RunSpool {
  public:
    /// Changes a piece of a block on its way, which begins at a multiple of 8 bytes of the block.
    /// `block` counts this rank's blocks in the order of keep.
    using Change = std::function<void(std::size_t block, std::span<std::byte> piece)>;

    /// Rank-local. `partial` must outlast it.
    RunSpool(Communicator const& comm, PartialOutput const& partial, std::string const& name);

    /// The block of a run that begins with unit `first`. Runs come in any order, each to one rank.
    /// Rank-local.
    /// @throws Error when the disk is full.
    void keep(std::int64_t first, std::string_view block);

    /// All ranks' blocks go to the end of `out`, in order of their units, and are no longer kept.
    /// Collective.
    /// @return Where this rank's blocks begin in `out`, in the order of keep.
    std::vector<std::int64_t> append_to(OrderedTextWriter& out, Change const& change = {});

    /// Nothing more will be kept. Rank-local.
    void close() { file_.close(); }

  private:
    struct Block {
        std::int64_t first, bytes;
    };

    std::vector<std::int64_t> make_room(OrderedTextWriter& out) const;
    void copy(OrderedTextWriter const& out, std::vector<std::int64_t> const& places,
              Change const& change) const;

    Communicator comm_;
    std::string output_path_, path_;
    File file_;  ///< Made when it is needed.
    std::vector<Block> blocks_;
    std::int64_t bytes_ = 0;
};

}  // namespace partita::io
