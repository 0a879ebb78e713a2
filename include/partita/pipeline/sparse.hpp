#pragma once

#include "partita/ml/sparse_set.hpp"
#include "partita/pipeline/saved_model.hpp"

#include <memory>
#include <string>

namespace partita::pipeline {

/// What scoring rows of a LIBSVM file adds.
struct SparseScoreOptions {
    bool extra = false;  ///< Probabilities of the classes, or distances, too.
    std::int64_t partition_bytes = 4 << 20;
};

/// @throws Error for a model that was not trained on a LIBSVM file. Rank-local.
void check_takes_libsvm(SavedModel const& model, std::string const& path);

/// The recipe of a model on the columns of a LIBSVM file, which are named by their indices:
/// "1", "2", ...
Recipe sparse_recipe(std::int64_t features);

/// The rows of a LIBSVM file, for estimators and evaluators that take sparse ones.
///
/// Collective. @param recipe  Gets the features, unless it has some, and with `classify` the list
/// of the classes' numbers, where they are not 0, 1, ...; labels become places in its list.
/// @throws CollectiveError: what LibsvmFile throws, an index beyond the recipe's features, a label
///         that is not among its classes.
std::shared_ptr<ml::SparseTrainingSet const> load_libsvm(Communicator const& comm,
                                                         std::string const& path, Recipe& recipe,
                                                         bool classify);

/// `label` as it stands in the file, and `prediction` (and `probability_<class>` or `distance`),
/// for each row of a LIBSVM file.
///
/// Collective, lazy: rows are read and scored block by block and never written out with their
/// zeros. Columns beyond the model's features are an error.
/// @throws CollectiveError: what LibsvmFile throws, a model that needs named columns.
frame::Table score_libsvm(SavedModel const& model, dataset::Context const& context,
                          std::string const& path, SparseScoreOptions const& options = {});

}  // namespace partita::pipeline
