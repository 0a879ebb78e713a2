#pragma once

#include "frame/rounds.hpp"

#include "partita/dataset/piece_store.hpp"
#include "partita/frame/table.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace partita::frame {

/// Appends the rows of a block as text. Called by several threads at once.
using AppendRows = dataset::FunctionRef<void(std::string& out, Block const& block)>;

/// The text of one of this rank's partitions, into a store.
Written keep_text(Table const& table, AppendRows append, dataset::PieceStore& store,
                  std::int64_t partition);

/// Write `header` and the text of all rows, in order, as one file, which appears when it is
/// complete. Collective. Returns the rows written.
std::int64_t write_text(Table const& table, std::string_view operation, std::string const& path,
                        std::string const& header, AppendRows append, bool overwrite);

}  // namespace partita::frame
