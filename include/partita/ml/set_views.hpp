#pragma once

#include "partita/ml/predictor.hpp"
#include "partita/ml/training_set.hpp"

#include <functional>
#include <vector>

namespace partita::ml {

// Training sets that show another one differently, row by row while it is read. They hold
// references: what they show must outlive them. Rows and blocks stay the same.

/// Some rows of a set: the others have weight 0, which no estimator or evaluator counts.
class RowSubset : public TrainingSet {
  public:
    /// @param chosen  Of a row's number: whether it takes part. Called by several threads.
    RowSubset(TrainingSet const& set, std::function<bool(std::int64_t)> chosen);
    Batch read(RowRange rows, BatchBuffer& buffer) const override;
    bool sparse() const override { return set_.sparse(); }

  private:
    TrainingSet const& set_;
    std::function<bool(std::int64_t)> chosen_;
};

/// (feature - centre) * scale for each feature.
class ScaledSet : public TrainingSet {
  public:
    ScaledSet(TrainingSet const& set, std::vector<double> centre, std::vector<double> scale);
    Batch read(RowRange rows, BatchBuffer& buffer) const override;

  private:
    TrainingSet const& set_;
    std::vector<double> centre_, scale_;
};

/// What a model makes of the rows in place of their features: its value (number, class, cluster),
/// then its probabilities, or the distance to the centre. Labels and weights stay.
class ScoredSet : public TrainingSet {
  public:
    ScoredSet(TrainingSet const& set, Predictor const& predictor);
    Batch read(RowRange rows, BatchBuffer& buffer) const override;

  private:
    TrainingSet const& set_;
    Predictor const& predictor_;
};

/// Centre and scale that bring features to mean 0 and deviation 1; constant ones become 0.
struct Standardization {
    std::vector<double> centre, scale;
};

/// Collective; one pass.
Standardization standardization_of(Communicator const& comm, TrainingSet const& set, int ddof = 0,
                                   int threads = 0);

}  // namespace partita::ml
