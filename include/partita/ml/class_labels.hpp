#pragma once

#include "partita/ml/training_set.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace partita::ml {

/// What labels look like.
struct LabelRange {
    double least = 0, most = 0;
    bool whole = true;  ///< All are whole numbers.

    /// Whether they can only be meant as two classes.
    bool zero_or_one() const { return whole && least >= 0 && most <= 1; }
};

/// Collective; reads the set once. @throws CollectiveError: no rows, no labels.
LabelRange label_range(Communicator const& comm, TrainingSet const& set, std::string_view what);

/// The number of classes, at least 2, of labels 0 .. classes - 1.
///
/// Collective. @throws CollectiveError naming the first row whose label is no class number.
std::int64_t count_classes(Communicator const& comm, TrainingSet const& set, std::string_view what);

/// All different labels, ascending: of classes whose numbers are not 0, 1, ...
///
/// Collective. @throws CollectiveError for more than `most`.
std::vector<double> distinct_labels(Communicator const& comm, std::vector<double> const& local,
                                    std::int64_t most, std::string_view what);

}  // namespace partita::ml
