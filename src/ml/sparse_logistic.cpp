#include "ml/sparse_logistic.hpp"

#include "ml/element.hpp"

#include <algorithm>
#include <cmath>

namespace partita::ml {

namespace {

/// Where row i of the upper triangle of an n x n matrix starts, less i: element (i, j) is j
/// further.
std::int64_t triangle_row(std::int64_t i, std::int64_t n) { return i * n - i * (i + 1) / 2; }

}  // namespace

std::vector<double> in_own_units(Packing const& packing, std::span<double const> scaled) {
    std::vector<double> own(scaled.begin(), scaled.end());
    for (std::size_t j = 0; j + 1 < own.size(); ++j) {
        own[j] *= packing.scale[j];
        own.back() -= own[j] * packing.centre[j];
    }
    return own;
}

void scale_gradient(Packing const& packing, std::span<double> gradient) {
    for (std::size_t j = 0; j + 1 < gradient.size(); ++j)
        gradient[j] = packing.scale[j] * (gradient[j] - packing.centre[j] * gradient.back());
}

void scale_hessian(Packing const& packing, std::span<double> hessian) {
    auto const d = std::ssize(packing.scale);
    auto const at = [&](std::int64_t i, std::int64_t j) -> double& {
        return hessian[index(triangle_row(i, d + 1) + j)];
    };
    double const ones = at(d, d);
    auto const& c = packing.centre;
    for (std::int64_t i = 0; i < d; ++i)
        for (std::int64_t j = i; j < d; ++j)
            at(i, j) = packing.scale[index(i)] * packing.scale[index(j)] *
                       (at(i, j) - c[index(i)] * at(j, d) - c[index(j)] * at(i, d) +
                        c[index(i)] * c[index(j)] * ones);
    for (std::int64_t i = 0; i < d; ++i)
        at(i, d) = packing.scale[index(i)] * (at(i, d) - c[index(i)] * ones);
}

std::int64_t SparseBinaryPartial::size() const {
    return BinaryLogisticPartial(features_, {}, hessian_).size();
}

void SparseBinaryPartial::add_hessian(SparseRows const& rows, std::int64_t row, double weight,
                                      double* hessian) const {
    std::int64_t const n = features_ + 1;
    std::int64_t const last = rows.starts[index(row + 1)];
    for (std::int64_t a = rows.starts[index(row)]; a < last; ++a) {
        double* const line = hessian + triangle_row(rows.columns[a], n);
        double const factor = weight * rows.values[a];
        for (std::int64_t b = a; b < last; ++b) line[rows.columns[b]] += factor * rows.values[b];
        line[features_] += factor;
    }
    hessian[triangle_row(features_, n) + features_] += weight;
}

void SparseBinaryPartial::accumulate(Batch const& batch, std::span<double> state, Scratch&) const {
    double* const gradient = state.data() + BinaryLogisticPartial::gradient_at;
    double* const hessian = gradient + features_ + 1;
    for (std::int64_t i = 0; i < batch.sparse.rows(); ++i) {
        double const z =
            sparse_score(batch.sparse, i, coefficients_.data(), coefficients_[index(features_)]);
        double const y = batch.y[index(i)], weight = batch.weight(i);
        double const e = std::exp(-std::abs(z)), inverse = 1 / (1 + e);
        double const p = z >= 0 ? inverse : e * inverse;
        double const margin = y > 0.5 ? z : -z;
        state[0] += weight * (std::log1p(e) - std::min(margin, 0.0));
        if (!(margin > 0)) state[1] += weight;
        state[2] += weight;
        double const factor = weight * (p - y);
        batch.sparse.for_entries(i, [&](std::int32_t j, double x) { gradient[j] += factor * x; });
        gradient[features_] += factor;
        if (hessian_) add_hessian(batch.sparse, i, weight * e * inverse * inverse, hessian);
    }
}

void SparseSoftmaxPartial::accumulate(Batch const& batch, std::span<double> state,
                                      Scratch& scratch) const {
    std::int64_t const stride = features_ + 1;
    double* const p = scratch.room(classes_);
    double* const gradient = state.data() + SoftmaxPartial::gradient_at;
    for (std::int64_t i = 0; i < batch.sparse.rows(); ++i) {
        for (std::int64_t c = 0; c < classes_; ++c) {
            double const* const own = coefficients_.data() + c * stride;
            p[c] = sparse_score(batch.sparse, i, own, own[features_]);
        }
        softmax_rows(p, 1, classes_, classes_);
        auto const label = static_cast<std::int64_t>(batch.y[index(i)]);
        double const weight = batch.weight(i);
        state[0] -= weight * std::log(std::max(p[label], 1e-300));
        if (std::max_element(p, p + classes_) - p != label) state[1] += weight;
        state[2] += weight;
        for (std::int64_t c = 0; c < classes_; ++c) {
            double const factor = weight * (p[c] - (c == label ? 1 : 0));
            double* const own = gradient + c * stride;
            batch.sparse.for_entries(i, [&](std::int32_t j, double x) { own[j] += factor * x; });
            own[features_] += factor;
        }
    }
}

}  // namespace partita::ml
