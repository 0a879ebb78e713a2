#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/format/id_reader.hpp"
#include "partita/io/id_column.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace partita::io {

/// Longer ones are a mistake in the file, and would make every fixed-width table of ids huge.
inline constexpr std::int64_t most_id_bytes = 4096;

/// @throws Error "where: id of row 3: ..." when the text is longer than most_id_bytes or holds a
///         zero byte or line end, which no output could keep.
void check_id_text(std::string const& where, std::int64_t row, std::string_view text);

std::unique_ptr<IdColumn> make_row_numbers(std::int64_t rows);

/// Collective: agrees on the width of text ids. `measure`: the reader's width is only a bound, so
/// let each rank look at its share of the ids.
std::unique_ptr<IdColumn> make_id_column(Communicator const& comm,
                                         std::unique_ptr<format::IdReader> reader, bool measure);

}  // namespace partita::io
