#include "partita/ml/moments.hpp"

#include "ml/sparse_moments.hpp"

#include "partita/ml/fold_rows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace partita::ml {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// State: weight, then for each column mean, squared deviations, minimum, maximum.
class MomentsPartial : public Partial {
  public:
    explicit MomentsPartial(std::int64_t features) : columns_(features + 1) {}

    std::int64_t size() const override { return 1 + 4 * columns_; }
    bool takes_sparse() const override { return true; }

    void clear(std::span<double> state) const override {
        std::ranges::fill(state, 0.0);
        std::ranges::fill(column_values(state, 2), infinity);
        std::ranges::fill(column_values(state, 3), -infinity);
    }

    /// Two passes over a block that lies in the cache: its mean, then the deviations from it.
    void accumulate(Batch const& batch, std::span<double> state, Scratch&) const override {
        if (!batch.sparse.starts.empty()) return accumulate_sparse_moments(batch, state);
        for (std::int64_t i = 0; i < batch.x.rows; ++i) state[0] += batch.weight(i);
        if (state[0] == 0) return;
        double* const mean = column_values(state, 0).data();
        for_rows(batch, [&](double w, double const* x, std::int64_t first, std::int64_t columns) {
            add_extremes(w, x, columns, mean + first, column_values(state, 2).data() + first,
                         column_values(state, 3).data() + first);
        });
        for (std::int64_t j = 0; j < columns_; ++j) mean[j] /= state[0];
        for_rows(batch, [&](double w, double const* x, std::int64_t first, std::int64_t columns) {
            add_deviations(w, x, columns, mean + first, column_values(state, 1).data() + first);
        });
    }

    void merge(std::span<double> state, std::span<double const> later) const override {
        double const a = state[0], b = later[0], n = a + b;
        if (b == 0) return;
        for (std::int64_t j = 0; j < columns_; ++j) {
            auto const at = [&](int what) {
                return static_cast<std::size_t>(1 + what * columns_ + j);
            };
            double const difference = later[at(0)] - state[at(0)];
            state[at(0)] += difference * (b / n);
            state[at(1)] += later[at(1)] + difference * difference * (a / n) * b;
            state[at(2)] = std::min(state[at(2)], later[at(2)]);
            state[at(3)] = std::max(state[at(3)], later[at(3)]);
        }
        state[0] = n;
    }

  private:
    std::span<double> column_values(std::span<double> state, int what) const {
        return state.subspan(static_cast<std::size_t>(1 + what * columns_),
                             static_cast<std::size_t>(columns_));
    }

    static void add_extremes(double w, double const* x, std::int64_t columns,
                             double* __restrict sum, double* __restrict least,
                             double* __restrict most) {
        for (std::int64_t j = 0; j < columns; ++j) {
            sum[j] += w * x[j];
            least[j] = x[j] < least[j] ? x[j] : least[j];
            most[j] = x[j] > most[j] ? x[j] : most[j];
        }
    }

    static void add_deviations(double w, double const* x, std::int64_t columns,
                               double const* __restrict mean, double* __restrict squares) {
        for (std::int64_t j = 0; j < columns; ++j) {
            double const deviation = x[j] - mean[j];
            squares[j] += w * deviation * deviation;
        }
    }

    /// visit(weight, values, first column, columns) for the features of each row, then its label.
    template <class Visit>
    void for_rows(Batch const& batch, Visit visit) const {
        for (std::int64_t i = 0; i < batch.x.rows; ++i) {
            double const w = batch.weight(i);
            if (w == 0) continue;
            visit(w, batch.x.row_data(i), std::int64_t{0}, batch.x.cols);
            if (!batch.y.empty()) visit(w, batch.y.data() + i, columns_ - 1, std::int64_t{1});
        }
    }

    std::int64_t columns_;
};

}  // namespace

std::vector<double> Moments::standard_deviation(int ddof) const {
    std::vector<double> deviations;
    double const divisor = weight_sum - ddof;
    for (double const sum : squared_deviations)
        deviations.push_back(divisor > 0 ? std::sqrt(sum / divisor) : 0.0);
    return deviations;
}

Moments column_moments(Communicator const& comm, TrainingSet const& set, int threads) {
    MomentsPartial const partial(set.features());
    std::vector<double> const state = fold_rows(comm, set, partial, "column statistics", threads);
    Moments moments;
    moments.weight_sum = state[0];
    auto const columns = static_cast<std::ptrdiff_t>(set.features() + 1);
    auto const part = [&](int what) {
        auto const first = state.begin() + 1 + what * columns;
        return std::vector<double>(first, first + columns);
    };
    moments.mean = part(0);
    moments.squared_deviations = part(1);
    moments.minimum = part(2);
    moments.maximum = part(3);
    return moments;
}

}  // namespace partita::ml
