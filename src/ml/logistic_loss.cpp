#include "ml/logistic_loss.hpp"

#include "ml/element.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace partita::ml {

namespace {

/// Sum of log(1 + e) over many e in [0, 1]: logarithms of products, which cannot overflow while
/// they have less than a thousand factors.
class SumOfLogs {
  public:
    void add(double e) {
        product_ *= 1 + e;
        if (++factors_ == 512) fold();
    }
    double sum() {
        fold();
        return sum_;
    }

  private:
    void fold() {
        sum_ += std::log(product_);
        product_ = 1;
        factors_ = 0;
    }
    double sum_ = 0, product_ = 1;
    int factors_ = 0;
};

}  // namespace

/// Working memory of one batch; panel-sized arrays in one allocation.
struct BinaryLogisticPartial::Memory {
    std::int64_t width, rows;
    double *panel, *coefficients, *scores, *exponentials, *factors, *roots, *gradient, *gram;

    Memory(std::int64_t features, Scratch& scratch)
        : width(panel_width(features)), rows(panel_rows(width)) {
        double* at = scratch.room(rows * (width + 4) + width * (width + 2));
        auto const take = [&](std::int64_t size) { return std::exchange(at, at + size); };
        panel = take(rows * width);
        scores = take(rows);
        exponentials = take(rows);
        factors = take(rows);
        roots = take(rows);
        coefficients = take(width);
        gradient = take(width);
        gram = take(width * width);
    }
};

std::int64_t BinaryLogisticPartial::size() const {
    return hessian_at() + (hessian_ ? (features_ + 1) * (features_ + 2) / 2 : 0);
}

void BinaryLogisticPartial::weigh(Batch const& batch, std::int64_t first, std::int64_t rows,
                                  Memory& memory, std::span<double> state) const {
    for (std::int64_t i = 0; i < rows; ++i) memory.exponentials[i] = -std::abs(memory.scores[i]);
    dense_kernels().exponential(memory.exponentials, rows, memory.exponentials);
    SumOfLogs logs;
    for (std::int64_t i = 0; i < rows; ++i) {
        double const z = memory.scores[i], e = memory.exponentials[i];
        double const y = batch.y[index(first + i)], weight = batch.weight(first + i);
        double const inverse = 1 / (1 + e);
        double const p = z >= 0 ? inverse : e * inverse;
        double const margin = y > 0.5 ? z : -z;
        if (batch.weights.empty())
            logs.add(e);
        else
            state[0] += weight * std::log1p(e);
        if (margin < 0) state[0] -= weight * margin;
        if (!(margin > 0)) state[1] += weight;
        state[2] += weight;
        memory.factors[i] = weight * (p - y);
        memory.roots[i] = std::sqrt(weight * e) * inverse;  // p (1 - p) = e / (1 + e)^2
    }
    state[0] += logs.sum();
}

void BinaryLogisticPartial::accumulate(Batch const& batch, std::span<double> state,
                                       Scratch& scratch) const {
    Memory memory(features_, scratch);
    std::fill_n(memory.coefficients, memory.width, 0.0);
    std::ranges::copy(point_.coefficients, memory.coefficients);
    std::fill_n(memory.gradient, memory.width, 0.0);
    if (hessian_) std::fill_n(memory.gram, memory.width * memory.width, 0.0);
    DenseKernels const& kernels = dense_kernels();
    for_panels(batch, point_.packing, memory.panel, [&](std::int64_t first, std::int64_t rows) {
        kernels.multiply(memory.panel, rows, memory.width, memory.coefficients, memory.scores);
        weigh(batch, first, rows, memory, state);
        kernels.add_rows(memory.panel, rows, memory.width, memory.factors, memory.gradient);
        if (!hessian_) return;
        kernels.scale_rows(memory.panel, rows, memory.width, memory.roots);
        kernels.add_gram(memory.panel, rows, memory.width, memory.gram);
    });
    for (std::int64_t j = 0; j <= features_; ++j)
        state[index(gradient_at + j)] += memory.gradient[j];
    if (!hessian_) return;
    std::size_t at = index(hessian_at());
    for (std::int64_t i = 0; i <= features_; ++i)
        for (std::int64_t j = i; j <= features_; ++j)
            state[at++] += memory.gram[i * memory.width + j];
}

void softmax_rows(double* scores, std::int64_t rows, std::int64_t classes, std::int64_t stride) {
    for (std::int64_t i = 0; i < rows; ++i) {
        double* const row = scores + i * stride;
        double const largest = *std::max_element(row, row + classes);
        for (std::int64_t c = 0; c < classes; ++c) row[c] -= largest;
        dense_kernels().exponential(row, classes, row);
        double sum = 0;
        for (std::int64_t c = 0; c < classes; ++c) sum += row[c];
        for (std::int64_t c = 0; c < classes; ++c) row[c] /= sum;
    }
}

void SoftmaxPartial::accumulate(Batch const& batch, std::span<double> state,
                                Scratch& scratch) const {
    std::int64_t const width = panel_width(features_), most = panel_rows(width);
    std::int64_t const columns = (classes_ + lanes - 1) / lanes * lanes;
    double* const panel = scratch.room(most * (width + columns) + width * columns + most + width);
    double* const scores = panel + most * width;
    double* const transposed = scores + most * columns;
    double* const factors = transposed + width * columns;
    double* const gradient = factors + most;
    std::fill_n(transposed, width * columns, 0.0);
    for (std::int64_t c = 0; c < classes_; ++c)
        for (std::int64_t j = 0; j <= features_; ++j)
            transposed[j * columns + c] = point_.coefficients[index(c * (features_ + 1) + j)];
    for_panels(batch, point_.packing, panel, [&](std::int64_t first, std::int64_t rows) {
        dense_kernels().multiply_many(panel, rows, width, transposed, columns, scores);
        softmax_rows(scores, rows, classes_, columns);
        for (std::int64_t i = 0; i < rows; ++i) {
            double const* const row = scores + i * columns;
            auto const label = static_cast<std::int64_t>(batch.y[index(first + i)]);
            double const weight = batch.weight(first + i);
            state[0] -= weight * std::log(std::max(row[label], 1e-300));
            if (std::max_element(row, row + classes_) - row != label) state[1] += weight;
            state[2] += weight;
        }
        for (std::int64_t c = 0; c < classes_; ++c) {
            for (std::int64_t i = 0; i < rows; ++i) {
                bool const own = batch.y[index(first + i)] == static_cast<double>(c);
                factors[i] = batch.weight(first + i) * (scores[i * columns + c] - (own ? 1 : 0));
            }
            std::fill_n(gradient, width, 0.0);
            dense_kernels().add_rows(panel, rows, width, factors, gradient);
            for (std::int64_t j = 0; j <= features_; ++j)
                state[index(gradient_at + c * (features_ + 1) + j)] += gradient[j];
        }
    });
}

}  // namespace partita::ml
