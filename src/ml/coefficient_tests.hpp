#pragma once

#include "partita/ml/linear_model.hpp"

#include <vector>

namespace partita::ml {

/// Fill in standard errors, t statistics and two-sided p-values (Student's t).
void test_with_student_t(std::vector<double> const& estimates, std::vector<double> const& errors,
                         double degrees_of_freedom, FitSummary& summary);

/// The same with z statistics (normal distribution).
void test_with_normal(std::vector<double> const& estimates, std::vector<double> const& errors,
                      FitSummary& summary);

}  // namespace partita::ml
