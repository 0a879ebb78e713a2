#pragma once

#include "partita/ml/training_set.hpp"

#include <cstdint>
#include <vector>

namespace partita::ml {

/// Weights that let every class count as much: rows / (classes x rows of the class), weights for
/// rows where the set has them (scikit-learn's "balanced"). 0 for a class without rows.
///
/// Collective. @throws CollectiveError: what count_classes throws.
std::vector<double> balanced_class_weights(Communicator const& comm, TrainingSet const& set);

/// The rows of another set, which must outlive it, with weights multiplied by their class's.
class ClassWeightedSet : public TrainingSet {
  public:
    /// @param weights  Of classes 0, 1, ...; as many as the labels of `set` need.
    ClassWeightedSet(TrainingSet const& set, std::vector<double> weights);

    bool sparse() const override { return set_.sparse(); }
    Batch read(RowRange rows, BatchBuffer& buffer) const override;

  private:
    TrainingSet const& set_;
    std::vector<double> weights_;
};

}  // namespace partita::ml
