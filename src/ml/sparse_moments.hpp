#pragma once

#include "partita/ml/fold_rows.hpp"

namespace partita::ml {

/// The first two passes' results of a block of sparse rows in the layout of column_moments' state:
/// weight, then for each column (the label last) mean, squared deviations, minimum, maximum.
///
/// Entries that are not there count as zeros, in closed form.
void accumulate_sparse_moments(Batch const& batch, std::span<double> state);

}  // namespace partita::ml
