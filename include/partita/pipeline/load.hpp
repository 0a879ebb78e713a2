#pragma once

#include "partita/ml/training_set.hpp"
#include "partita/pipeline/recipe.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace partita::pipeline {

/// A table's features and labels in the ranks' memory.
struct LoadedRows {
    ml::RealMatrix x;          ///< This rank's rows x features, in the table's order.
    std::vector<double> y;     ///< As many labels; empty when the recipe has none.
    std::int64_t dropped = 0;  ///< Rows left out by Nulls::drop, over all ranks.

    /// Collective: the rows as estimators want them. They must stay in place.
    ml::DenseTrainingSet training_set(Communicator const& comm) const;
};

/// Which rows take part, as a function of a row's number in the table; empty = all.
using RowFilter = std::function<bool(std::int64_t)>;

/// Collective. @throws CollectiveError: what Encoder throws, or features that take more than half
/// of the memory of a rank.
LoadedRows load_rows(frame::Table const& table, Recipe const& recipe, Nulls nulls,
                     RowFilter const& filter = {});

/// For classification: where labels are numbers other than 0, 1, ... classes - 1, replace them by
/// their places among all that occur, which the recipe then knows. Collective.
/// @throws CollectiveError for more than `most_classes` different numbers.
void number_classes(Communicator const& comm, LoadedRows& rows, Recipe& recipe,
                    std::int64_t most_classes = 1000);

/// About `wanted` of `rows` rows, drawn by (seed, row): the same for any number of ranks.
RowFilter sample_filter(std::int64_t rows, std::int64_t wanted, std::uint64_t seed);

}  // namespace partita::pipeline
