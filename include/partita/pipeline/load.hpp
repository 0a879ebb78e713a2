#pragma once

#include "partita/ml/training_set.hpp"
#include "partita/pipeline/recipe.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace partita::pipeline {

/// Which rows take part, as a function of a row's number in the table; empty = all.
using RowFilter = std::function<bool(std::int64_t)>;

struct LoadOptions {
    Nulls nulls = Nulls::fail;
    RowFilter filter{};
    /// Labels are classes: where they are numbers other than 0, 1, ... classes - 1, the recipe gets
    /// the list of those that occur, and labels become places in it.
    bool classify = false;
    std::int64_t most_classes = 1000;
    std::string weights{};  ///< Column of the rows' weights, at least 0; "" = all 1.
    /// Of features and labels that a rank keeps in memory; beyond it they lie in scratch. 0 = a
    /// quarter of the context's memory, for they are copied while they find their ranks.
    std::int64_t memory_bytes = 0;
    std::int64_t block_rows = 0;  ///< See ml::Blocking; for tests.
};

/// A table's features and labels, for estimators.
struct LoadedRows {
    /// The rows that were not left out, in the table's order.
    std::shared_ptr<ml::TrainingSet const> set;
    std::int64_t dropped = 0;  ///< Rows left out by Nulls::drop, over all ranks.
    bool in_scratch = false;   ///< They did not fit: each pass reads them from disk, in blocks.

    std::int64_t rows() const { return set->rows(); }
};

/// Read a table once and keep the rows of features in memory, or in scratch if they do not fit. A
/// fit has the same bits either way, and for any number of ranks.
///
/// Collective. @throws CollectiveError: what Encoder throws; more classes than most_classes.
LoadedRows load_rows(frame::Table const& table, Recipe& recipe, LoadOptions const& options = {});

/// About `wanted` of `rows` rows, drawn by (seed, row): the same for any number of ranks.
RowFilter sample_filter(std::int64_t rows, std::int64_t wanted, std::uint64_t seed);

/// The rows of a set on rank 0, none elsewhere. Collective.
/// @throws CollectiveError when they take more than `most_bytes`.
std::shared_ptr<ml::TrainingSet const> set_on_root(Communicator const& comm,
                                                   ml::TrainingSet const& set,
                                                   std::int64_t most_bytes);

/// All rows of a set on every rank, each by itself, in the same blocks. Collective.
std::shared_ptr<ml::TrainingSet const> set_everywhere(Communicator const& comm,
                                                      ml::TrainingSet const& set);

}  // namespace partita::pipeline
