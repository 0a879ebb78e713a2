#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/ml/evaluate.hpp"
#include "partita/ml/fold_rows.hpp"
#include "partita/ml/moments.hpp"

#include <algorithm>
#include <cmath>

namespace partita::ml {

namespace {

/// Clusters and squared distances of a batch's rows, and features relative to a centre.
class Assigned {
  public:
    Assigned(Batch const& batch, Predictor const& predictor, std::vector<double> const& centre)
        : batch_(batch),
          centre_(centre),
          cluster(static_cast<std::size_t>(batch.x.rows)),
          square(static_cast<std::size_t>(batch.x.rows)),
          x(centre.size()) {
        predictor.predict(batch.x, cluster.data(), square.data());
    }

    /// Fills x with a row's centred features and returns their square.
    double centred(std::int64_t i) {
        double norm = 0;
        for (std::size_t j = 0; j < x.size(); ++j) {
            x[j] = batch_.x.row_data(i)[j] - centre_[j];
            norm += x[j] * x[j];
        }
        return norm;
    }

  private:
    Batch const& batch_;
    std::vector<double> const& centre_;

  public:
    std::vector<double> cluster, square, x;
};

/// State: cost; for each cluster weight, sum of |x|^2, sums of x.
class ClusterSums : public Partial {
  public:
    ClusterSums(Predictor const& predictor, std::int64_t clusters,
                std::vector<double> const& centre)
        : predictor_(predictor), clusters_(clusters), centre_(centre) {}

    std::int64_t width() const { return 2 + std::ssize(centre_); }
    std::int64_t size() const override { return 1 + clusters_ * width(); }

    void accumulate(Batch const& batch, std::span<double> state, Scratch&) const override {
        Assigned rows(batch, predictor_, centre_);
        for (std::int64_t i = 0; i < batch.x.rows; ++i) {
            double const weight = batch.weight(i);
            auto const at = static_cast<std::size_t>(i);
            state[0] += weight * rows.square[at];
            double* const sums =
                state.data() + 1 + static_cast<std::int64_t>(rows.cluster[at]) * width();
            sums[0] += weight;
            sums[1] += weight * rows.centred(i);
            for (std::size_t j = 0; j < rows.x.size(); ++j) sums[2 + j] += weight * rows.x[j];
        }
    }

  private:
    Predictor const& predictor_;
    std::int64_t clusters_;
    std::vector<double> const& centre_;
};

/// State: weight, sum of the rows' silhouettes.
class SilhouettePartial : public Partial {
  public:
    SilhouettePartial(Predictor const& predictor, ClusterSums const& layout,
                      std::vector<double> const& sums, std::int64_t clusters,
                      std::vector<double> const& centre)
        : predictor_(predictor),
          layout_(layout),
          sums_(sums),
          clusters_(clusters),
          centre_(centre) {}

    std::int64_t size() const override { return 2; }

    void accumulate(Batch const& batch, std::span<double> state, Scratch&) const override {
        Assigned rows(batch, predictor_, centre_);
        for (std::int64_t i = 0; i < batch.x.rows; ++i) {
            double const weight = batch.weight(i);
            if (weight == 0) continue;
            double const norm = rows.centred(i);
            state[0] += weight;
            state[1] +=
                weight *
                silhouette(rows.x, norm,
                           static_cast<std::int64_t>(rows.cluster[static_cast<std::size_t>(i)]));
        }
    }

  private:
    double const* sums_of(std::int64_t cluster) const {
        return sums_.data() + 1 + cluster * layout_.width();
    }

    /// Mean squared distance to a cluster's rows: |x|^2 + mean |z|^2 - 2 x . mean z.
    double mean_distance(std::vector<double> const& x, double norm, std::int64_t cluster) const {
        double const* const sums = sums_of(cluster);
        double product = 0;
        for (std::size_t j = 0; j < x.size(); ++j) product += x[j] * sums[2 + j];
        return std::max(0.0, norm + (sums[1] - 2 * product) / sums[0]);
    }

    double silhouette(std::vector<double> const& x, double norm, std::int64_t own) const {
        double const size = sums_of(own)[0];
        if (size <= 1) return 0;
        double const inside = mean_distance(x, norm, own) * size / (size - 1);
        double outside = HUGE_VAL;
        for (std::int64_t c = 0; c < clusters_; ++c)
            if (c != own && sums_of(c)[0] > 0)
                outside = std::min(outside, mean_distance(x, norm, c));
        double const larger = std::max(inside, outside);
        return larger > 0 ? (outside - inside) / larger : 0;
    }

    Predictor const& predictor_;
    ClusterSums const& layout_;
    std::vector<double> const& sums_;
    std::int64_t clusters_;
    std::vector<double> const& centre_;
};

}  // namespace

ClusteringMetrics evaluate_clusters(Communicator const& comm, TrainingSet const& set,
                                    Predictor const& predictor, int threads) {
    check_everywhere(predictor.prediction() == PredictionKind::cluster,
                     "evaluation: expected a model of clusters, got a {} model", predictor.kind());
    std::int64_t const clusters = predictor.clusters();
    Moments const moments = column_moments(comm, set, threads);
    std::vector<double> const centre(moments.mean.begin(), moments.mean.begin() + set.features());
    ClusterSums const layout(predictor, clusters, centre);
    std::vector<double> const sums = fold_rows(comm, set, layout, "evaluation", threads);
    ClusteringMetrics metrics;
    metrics.cost = sums[0];
    std::int64_t filled = 0;
    for (std::int64_t c = 0; c < clusters; ++c) {
        metrics.sizes.push_back(sums[static_cast<std::size_t>(1 + c * layout.width())]);
        metrics.weight_sum += metrics.sizes.back();
        if (metrics.sizes.back() > 0) ++filled;
    }
    check_everywhere(metrics.weight_sum > 0,
                     "evaluation: expected rows with positive weight, got none");
    metrics.silhouette = NAN;
    if (filled < 2) return metrics;
    SilhouettePartial const partial(predictor, layout, sums, clusters, centre);
    std::vector<double> const state = fold_rows(comm, set, partial, "evaluation", threads);
    metrics.silhouette = state[1] / state[0];
    return metrics;
}

}  // namespace partita::ml
