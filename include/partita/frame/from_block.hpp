#pragma once

#include "partita/frame/table.hpp"

namespace partita::frame {

/// A small block, the same on all ranks, as a table of one partition. Keeps a copy of it.
Table from_block(dataset::Context const& context, Block const& rows);

}  // namespace partita::frame
