#include "ml/logistic_scaling.hpp"

#include "ml/constant_feature.hpp"

#include <cmath>

namespace partita::ml {

LogisticScaling::LogisticScaling(Moments const& moments, Penalty const& penalty, bool intercept,
                                 bool uniform_l1) {
    std::vector<double> const deviation = moments.standard_deviation(0);
    double const degrees = moments.weight_sum - penalty.ddof;
    double const ddof_factor = degrees > 0 ? std::sqrt(moments.weight_sum / degrees) : 1;
    bool const own_scale = uniform_l1 && !penalty.standardize;
    for (std::size_t j = 0; j + 1 < deviation.size(); ++j) {
        bool const varies = deviation[j] > std::abs(moments.mean[j]) * constant_share;
        // Without an intercept a constant feature is one.
        bool const used = varies || (!intercept && moments.mean[j] != 0);
        double const size = varies ? deviation[j] : std::abs(moments.mean[j]);
        centre.push_back(intercept ? moments.mean[j] : 0);
        scale.push_back(!used ? 0 : own_scale ? 1 : 1 / size);
        double const penalised = penalty.standardize ? ddof_factor : scale.back();
        ridge.push_back(penalty.l2() * penalised * penalised);
    }
    l1_factor = penalty.standardize ? ddof_factor : 1;
}

}  // namespace partita::ml
