#include "partita/ml/set_views.hpp"

#include "partita/core/error.hpp"
#include "partita/ml/moments.hpp"

namespace partita::ml {

namespace {

std::int64_t width_of(Predictor const& predictor) {
    switch (predictor.prediction()) {
        case PredictionKind::value:
            return 1;
        case PredictionKind::classes:
            return 1 + predictor.classes();
        case PredictionKind::cluster:
            return 2;
    }
    return 1;
}

/// What the outer buffer keeps of a batch that lies in an inner one.
std::span<double const> kept(std::span<double const> values, std::vector<double>& room) {
    if (values.empty()) return {};
    room.assign(values.begin(), values.end());
    return room;
}

}  // namespace

RowSubset::RowSubset(TrainingSet const& set, std::function<bool(std::int64_t)> chosen)
    : TrainingSet(set.blocking(), set.features(), set.labelled()),
      set_(set),
      chosen_(std::move(chosen)) {}

Batch RowSubset::read(RowRange rows, BatchBuffer& buffer) const {
    Batch batch = set_.read(rows, buffer);
    std::vector<double> weights(static_cast<std::size_t>(rows.size()));
    for (std::int64_t i = 0; i < rows.size(); ++i)
        weights[static_cast<std::size_t>(i)] = chosen_(rows.first + i) ? batch.weight(i) : 0;
    buffer.weights = std::move(weights);
    batch.weights = buffer.weights;
    return batch;
}

ScaledSet::ScaledSet(TrainingSet const& set, std::vector<double> centre, std::vector<double> scale)
    : TrainingSet(set.blocking(), set.features(), set.labelled()),
      set_(set),
      centre_(std::move(centre)),
      scale_(std::move(scale)) {
    auto const width = static_cast<std::size_t>(features());
    check(centre_.size() == width && scale_.size() == width,
          "scaling: expected {} centres and scales, got {} and {}", width, centre_.size(),
          scale_.size());
}

Batch ScaledSet::read(RowRange rows, BatchBuffer& buffer) const {
    BatchBuffer inner;
    Batch const batch = set_.read(rows, inner);
    buffer.x.resize(static_cast<std::size_t>(batch.x.size()));
    for (std::int64_t i = 0; i < batch.x.rows; ++i) {
        double const* const from = batch.x.row_data(i);
        double* const to = buffer.x.data() + i * batch.x.cols;
        for (std::int64_t j = 0; j < batch.x.cols; ++j)
            to[j] = (from[j] - centre_[static_cast<std::size_t>(j)]) *
                    scale_[static_cast<std::size_t>(j)];
    }
    return {rows, Reals(buffer.x.data(), batch.x.rows, batch.x.cols), kept(batch.y, buffer.y),
            kept(batch.weights, buffer.weights)};
}

ScoredSet::ScoredSet(TrainingSet const& set, Predictor const& predictor)
    : TrainingSet(set.blocking(), width_of(predictor), set.labelled()),
      set_(set),
      predictor_(predictor) {
    check(set.features() == predictor.features() || set.rows() == 0,
          "prediction: expected rows of {} features, got {}", predictor.features(), set.features());
}

Batch ScoredSet::read(RowRange rows, BatchBuffer& buffer) const {
    BatchBuffer inner;
    Batch const batch = set_.read(rows, inner);
    std::int64_t const n = rows.size(), width = features();
    std::vector<double> value(static_cast<std::size_t>(n));
    std::vector<double> extra(static_cast<std::size_t>(n * (width - 1)));
    double* const more = extra.empty() ? nullptr : extra.data();
    if (set_.sparse())
        predictor_.predict_sparse(batch.sparse, value.data(), more);
    else
        predictor_.predict(batch.x, value.data(), more);
    buffer.x.resize(static_cast<std::size_t>(n * width));
    for (std::int64_t i = 0; i < n; ++i) {
        double* const to = buffer.x.data() + i * width;
        to[0] = value[static_cast<std::size_t>(i)];
        std::copy_n(extra.data() + i * (width - 1), width - 1, to + 1);
    }
    return {rows, Reals(buffer.x.data(), n, width), kept(batch.y, buffer.y),
            kept(batch.weights, buffer.weights)};
}

Standardization standardization_of(Communicator const& comm, TrainingSet const& set, int ddof,
                                   int threads) {
    Moments const moments = column_moments(comm, set, threads);
    std::vector<double> const deviation = moments.standard_deviation(ddof);
    Standardization result;
    for (std::size_t j = 0; j < static_cast<std::size_t>(set.features()); ++j) {
        result.centre.push_back(moments.mean[j]);
        result.scale.push_back(deviation[j] > 0 ? 1 / deviation[j] : 0);
    }
    return result;
}

}  // namespace partita::ml
