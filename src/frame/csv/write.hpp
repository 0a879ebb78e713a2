#pragma once

#include "frame/rounds.hpp"

#include "partita/frame/csv.hpp"

#include <string>

namespace partita::frame {

/// The first line of a file, "" without one.
std::string header_line(Schema const& schema, CsvWriteOptions const& options);

/// The text of one of this rank's partitions, into a store.
Written keep_text(Table const& table, CsvWriteOptions const& options, dataset::PieceStore& store,
                  std::int64_t partition);

}  // namespace partita::frame
