#include "ml/coefficient_tests.hpp"

#include <cmath>
#include <limits>

#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>

namespace partita::ml {

namespace {

template <class Distribution>
void test(std::vector<double> const& estimates, std::vector<double> const& errors,
          Distribution const& distribution, FitSummary& summary) {
    summary.standard_errors = errors;
    for (std::size_t j = 0; j < estimates.size(); ++j) {
        // A coefficient that was not estimated (a constant feature) has no error.
        double const statistic =
            errors[j] > 0 ? estimates[j] / errors[j] : std::numeric_limits<double>::quiet_NaN();
        summary.statistics.push_back(statistic);
        summary.p_values.push_back(
            std::isfinite(statistic)
                ? 2 * boost::math::cdf(boost::math::complement(distribution, std::abs(statistic)))
                : statistic);
    }
}

}  // namespace

void test_with_student_t(std::vector<double> const& estimates, std::vector<double> const& errors,
                         double degrees_of_freedom, FitSummary& summary) {
    test(estimates, errors, boost::math::students_t(degrees_of_freedom), summary);
}

void test_with_normal(std::vector<double> const& estimates, std::vector<double> const& errors,
                      FitSummary& summary) {
    test(estimates, errors, boost::math::normal(), summary);
}

}  // namespace partita::ml
