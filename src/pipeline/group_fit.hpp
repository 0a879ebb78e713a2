#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/ml/training_set.hpp"
#include "partita/pipeline/params.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace partita::pipeline {

/// One group's model.
struct GroupFit {
    std::string status;  ///< See GroupModels.
    bool has_model = false;
    double intercept = 0;
    std::vector<double> coefficients;
};

/// Fits linear or logistic models of two classes to the rows of groups. Thread-safe: no MPI.
class GroupFitter {
  public:
    /// @param self  Communicator::self(), made by the main thread.
    GroupFitter(Communicator self, std::string kind, Params params, bool intercept,
                std::int64_t least_rows)
        : self_(std::move(self)),
          kind_(std::move(kind)),
          params_(std::move(params)),
          intercept_(intercept),
          least_rows_(least_rows) {}

    /// @param rows  rows of `features` numbers and the label.
    GroupFit fit(std::span<double const> rows, std::int64_t features) const;

  private:
    Communicator self_;
    std::string kind_;
    Params params_;
    bool intercept_;
    std::int64_t least_rows_;
};

}  // namespace partita::pipeline
