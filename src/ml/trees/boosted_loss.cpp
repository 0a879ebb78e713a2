#include "ml/trees/boosted_loss.hpp"

#include "ml/kernels/dense_kernels.hpp"
#include "ml/logistic_loss.hpp"
#include "ml/trees/block_sums.hpp"

#include <algorithm>
#include <cmath>

namespace partita::ml {

namespace {

constexpr double least_clipped_probability = 1e-15;

}  // namespace

BoostedLoss::BoostedLoss(Communicator const& comm, Blocking const& blocking, BinnedRows const& rows,
                         std::int64_t classes, int threads)
    : comm_(comm),
      blocking_(blocking),
      rows_(rows),
      classes_(classes),
      scores_(classes > 2 ? classes : 1),
      threads_(threads) {}

std::vector<double> BoostedLoss::start() {
    std::int64_t const first_row = rows_.owned().first;
    std::vector<double> const sums =
        block_sums(comm_, blocking_, 1 + scores_, threads_, [&](RowRange rows, auto sum) {
            for (std::int64_t row = rows.first; row < rows.last; ++row) {
                double const weight = rows_.weight(row - first_row);
                double const label = rows_.label(row - first_row);
                sum[0] += weight;
                if (scores_ == 1)
                    sum[1] += weight * label;
                else
                    sum[1 + static_cast<std::size_t>(label)] += weight;
            }
        });
    weight_sum_ = sums[0];
    check_everywhere(weight_sum_ > 0, "gbt: expected rows with positive weight, got none");
    std::vector<double> base;
    for (std::int64_t k = 0; k < scores_; ++k) {
        double const mean = sums[static_cast<std::size_t>(1 + k)] / weight_sum_;
        double const p = std::clamp(mean, least_clipped_probability, 1 - least_clipped_probability);
        base.push_back(classes_ == 0 ? mean : scores_ == 1 ? std::log(p / (1 - p)) : std::log(p));
    }
    for (std::int64_t i = 0; i < rows_.rows(); ++i)
        score_.insert(score_.end(), base.begin(), base.end());
    expected_.resize(score_.size());
    return base;
}

double BoostedLoss::expect(RowRange rows) {
    double* const p = expected_.data() + rows.first * scores_;
    double const* const score = score_.data() + rows.first * scores_;
    double loss = 0;
    if (classes_ == 0) {
        for (std::int64_t i = 0; i < rows.size(); ++i) {
            double const residual = score[i] - rows_.label(rows.first + i);
            p[i] = score[i];
            loss += rows_.weight(rows.first + i) * residual * residual / 2;
        }
        return loss;
    }
    if (scores_ == 1)
        dense_kernels().logistic(score, rows.size(), p);
    else {
        std::copy_n(score, rows.size() * scores_, p);
        softmax_rows(p, rows.size(), scores_, scores_);
    }
    for (std::int64_t i = 0; i < rows.size(); ++i) {
        auto const label = static_cast<std::int64_t>(rows_.label(rows.first + i));
        double const own = scores_ > 1 ? p[i * scores_ + label] : label == 1 ? p[i] : 1 - p[i];
        loss -= rows_.weight(rows.first + i) * std::log(std::max(own, least_clipped_probability));
    }
    return loss;
}

double BoostedLoss::update() {
    std::int64_t const first_row = rows_.owned().first;
    double const loss = block_sums(comm_, blocking_, 1, threads_, [&](RowRange block, auto sum) {
        sum[0] = expect({block.first - first_row, block.last - first_row});
    })[0];
    largest_gradient_ = rows_.largest_weight();
    if (classes_ == 0) {
        double largest = 0;
        for (std::int64_t i = 0; i < rows_.rows(); ++i)
            largest = std::max(
                largest, rows_.weight(i) *
                             std::abs(expected_[static_cast<std::size_t>(i)] - rows_.label(i)));
        largest_gradient_ = comm_.all_reduce(largest, Reduce::max);
    }
    return loss / weight_sum_;
}

void BoostedLoss::set_statistics(std::int64_t score, RowStatistics& statistics) const {
    double const largest_curvature = rows_.largest_weight() * (classes_ == 0 ? 1 : 0.25);
    statistics.weight_unit = unit_for(largest_curvature, WeightAndCount::weight_bits);
    statistics.gradient_unit = unit_for(largest_gradient_, gradient_bits(blocking_.rows()));
    double const per_gradient = 1 / statistics.gradient_unit;  // powers of two: exact
    double const per_weight = 1 / statistics.weight_unit;
    std::int64_t const parts = thread_count(threads_);
    for_parallel(0, parts, threads_, [&](std::int64_t part) {
        RowRange const share = share_of(std::ssize(statistics.order), parts, part);
        for (std::int64_t at = share.first; at < share.last; ++at) {
            auto const i =
                static_cast<std::int64_t>(statistics.order[static_cast<std::size_t>(at)]);
            double const expected = expected_[static_cast<std::size_t>(i * scores_ + score)];
            double const label = rows_.label(i), weight = rows_.weight(i);
            double const target = scores_ == 1 ? label : label == static_cast<double>(score);
            double const curvature = classes_ == 0 ? 1 : expected * (1 - expected);
            statistics.gradients[static_cast<std::size_t>(i)] = GradientCell{
                static_cast<long long>(std::nearbyint(weight * (expected - target) * per_gradient)),
                static_cast<long long>(WeightAndCount::of(
                    static_cast<std::int64_t>(std::nearbyint(weight * curvature * per_weight))))};
        }
    });
}

}  // namespace partita::ml
