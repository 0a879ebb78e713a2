#include "partita/comm/collectively.hpp"
#include "partita/ml/evaluate.hpp"
#include "partita/ml/moments.hpp"

#include <cmath>

namespace partita::ml {

namespace {

/// (prediction, residual, |residual|, residual^2) for each row: all metrics are moments of these.
class ResidualSet : public TrainingSet {
  public:
    explicit ResidualSet(TrainingSet const& scored)
        : TrainingSet(scored.blocking(), 4, true), scored_(scored) {}

    Batch read(RowRange rows, BatchBuffer& buffer) const override {
        BatchBuffer inner;
        Batch const batch = scored_.read(rows, inner);
        buffer.x.resize(static_cast<std::size_t>(4 * rows.size()));
        for (std::int64_t i = 0; i < rows.size(); ++i) {
            double const prediction = batch.x.row_data(i)[0];
            double const residual = batch.y[static_cast<std::size_t>(i)] - prediction;
            double* const to = buffer.x.data() + 4 * i;
            to[0] = prediction;
            to[1] = residual;
            to[2] = std::abs(residual);
            to[3] = residual * residual;
        }
        buffer.y.assign(batch.y.begin(), batch.y.end());
        buffer.weights.assign(batch.weights.begin(), batch.weights.end());
        return {rows, Reals(buffer.x.data(), rows.size(), 4), buffer.y, buffer.weights};
    }

  private:
    TrainingSet const& scored_;
};

}  // namespace

RegressionMetrics evaluate_regression(Communicator const& comm, TrainingSet const& scored,
                                      int threads) {
    check_everywhere(scored.labelled(), "evaluation: expected a label for each row, got none");
    Moments const moments = column_moments(comm, ResidualSet(scored), threads);
    double const n = moments.weight_sum;
    check_everywhere(n > 0, "evaluation: expected rows with positive weight, got none");
    RegressionMetrics metrics;
    metrics.weight_sum = n;
    metrics.mse = moments.mean[3];
    metrics.rmse = std::sqrt(metrics.mse);
    metrics.mae = moments.mean[2];
    metrics.max_error = moments.maximum[2];
    double const label_squares = moments.squared_deviations[4];
    // Of a constant label: 1 for perfect predictions, otherwise 0, as scikit-learn.
    auto const share = [&](double squares) {
        return label_squares > 0 ? 1 - squares / label_squares : squares > 0 ? 0.0 : 1.0;
    };
    metrics.r2 = share(metrics.mse * n);
    metrics.explained_variance = share(moments.squared_deviations[1]);
    double const offset = moments.mean[0] - moments.mean[4];
    metrics.prediction_variance = moments.squared_deviations[0] / n + offset * offset;
    return metrics;
}

}  // namespace partita::ml
