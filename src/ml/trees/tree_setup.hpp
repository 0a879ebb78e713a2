#pragma once

#include "ml/trees/binned_rows.hpp"
#include "ml/trees/grow_tree.hpp"

#include "partita/ml/trees.hpp"

namespace partita::ml {

/// Refuses what no tree can learn from, on every rank alike; `what` is the front of the message.
void check_tree_input(TrainingSet const& set, TreeOptions const& options, char const* what);

/// Collective: refuses labels that are not 0 .. classes - 1.
void check_class_labels(Communicator const& comm, BinnedRows const& rows, std::int64_t classes,
                        char const* what);

/// Collective: rows of a set in bins.
BinnedRows bin_rows(Communicator const& comm, TrainingSet const& set, TreeOptions const& options);

GrowRules rules_of(TreeOptions const& options);

/// Scale to a sum of 1, if there is any.
void normalize(std::vector<double>& importances);

}  // namespace partita::ml
