#pragma once

#include "frame/expression/term.hpp"

#include "partita/dataset/function_ref.hpp"

#include <cstdint>
#include <vector>

namespace partita::frame::expression {

/// What a term computes from its operands' columns, which have this many rows. Row by row: each
/// value depends on its row's values alone.
using ComputeRows = dataset::FunctionRef<Column(std::int64_t rows, std::vector<Column> const&)>;

bool are_constant(std::vector<TermRef> const& operands);

/// compute() of the operands' values for the rows of a block. Where all operands but one are
/// constant, and that one has texts with a small dictionary, each of these is computed once.
Column of_operands(std::vector<TermRef> const& operands, Block const& block, ComputeRows compute);

/// A column of one text as one of many rows.
Column repeated(Column const& text, std::int64_t rows);

}  // namespace partita::frame::expression
