#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/ml/training_set.hpp"
#include "partita/pipeline/learner.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace partita::pipeline {

/// One group's model, if it has one.
struct GroupFit {
    std::string status;  ///< See GroupModels.
    std::shared_ptr<ml::Predictor const> predictor;
};

/// Fits learners of one kind to the rows of groups. Thread-safe: no MPI.
class GroupFitter {
  public:
    /// @param self      Communicator::self(), made by the main thread.
    /// @param settings  With the number of classes, which all models will tell apart.
    GroupFitter(Communicator self, std::string kind, Params params, LearnerSettings settings,
                std::int64_t least_rows)
        : self_(std::move(self)),
          kind_(std::move(kind)),
          params_(std::move(params)),
          settings_(settings),
          least_rows_(least_rows) {}

    /// @param rows  rows of `features` numbers and, unless clusters are wanted, the label.
    GroupFit fit(std::span<double const> rows, std::int64_t features) const;

  private:
    GroupFit fit_values(ml::Reals x, std::vector<double> const& y) const;
    GroupFit fit_classes(ml::Reals x, std::vector<double> y) const;
    std::shared_ptr<ml::Predictor const> constant(ml::Reals x, std::vector<double> const& y) const;

    Communicator self_;
    std::string kind_;
    Params params_;
    LearnerSettings settings_;
    std::int64_t least_rows_;
};

}  // namespace partita::pipeline
