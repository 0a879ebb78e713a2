#include "partita/ml/kmeans.hpp"

#include "ml/gram.hpp"
#include "ml/kmeans_start.hpp"
#include "ml/nearest_centre.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

namespace partita::ml {

namespace {

/// State: cost; the farthest row's squared distance, then its features; for each cluster a row of a
/// panel: sums of features (relative to the origin), weight, padding.
class LloydPartial : public Partial {
  public:
    explicit LloydPartial(CentreTable const& table) : table_(table) {}

    std::int64_t farthest_at() const { return 2; }
    std::int64_t cluster_at(std::int64_t c) const {
        return 2 + table_.features() + c * table_.width();
    }
    std::int64_t size() const override { return cluster_at(table_.clusters()); }

    void accumulate(Batch const& batch, std::span<double> state, Scratch& scratch) const override {
        for_nearest_panels(batch, table_, scratch,
                           [&](std::int64_t first, std::int64_t rows, double const* panel,
                               double const* nearest, double const* squares) {
                               add_costs(batch, first, rows, panel, squares, state);
                               dense_kernels().add_by_number(
                                   panel, rows, table_.width(),
                                   batch.weights.empty() ? nullptr : batch.weights.data() + first,
                                   nearest, state.data() + cluster_at(0));
                           });
    }

    void merge(std::span<double> state, std::span<double const> later) const override {
        state[0] += later[0];
        if (later[1] > state[1])
            std::copy_n(later.data() + 1, 1 + table_.features(), state.data() + 1);
        for (std::int64_t i = cluster_at(0); i < size(); ++i)
            state[static_cast<std::size_t>(i)] += later[static_cast<std::size_t>(i)];
    }

  private:
    void add_costs(Batch const& batch, std::int64_t first, std::int64_t rows, double const* panel,
                   double const* squares, std::span<double> state) const {
        double cost = state[0], farthest = state[1];
        std::int64_t at = -1;
        for (std::int64_t i = 0; i < rows; ++i) {
            double const weight = batch.weight(first + i);
            cost += weight * squares[i];
            if (weight > 0 && squares[i] > farthest) farthest = squares[i], at = i;
        }
        state[0] = cost;
        state[1] = farthest;
        if (at >= 0)
            std::copy_n(panel + at * table_.width(), table_.features(),
                        state.data() + farthest_at());
    }

    CentreTable const& table_;
};

class Lloyd {
  public:
    Lloyd(Communicator const& comm, TrainingSet const& set, KMeansOptions const& options)
        : comm_(comm), set_(set), options_(options), d_(set.features()) {}

    KMeansFit run() {
        origin_ = first_block_means(comm_, set_);
        origin_.resize(static_cast<std::size_t>(d_));
        fit_.model.centres = starting_centres(comm_, set_, options_, origin_);
        std::int64_t const found = fit_.model.clusters();
        if (found < options_.clusters)
            fit_.warnings.push_back(fmt::format(
                "only {} different rows were found to start from: {} clusters", found, found));
        while (fit_.iterations < options_.max_iterations && !fit_.converged) iterate();
        measure();
        return std::move(fit_);
    }

  private:
    std::vector<double> fold(CentreTable const& table) const {
        return fold_rows(comm_, set_, LloydPartial(table), "k-means", options_.threads);
    }

    void iterate() {
        CentreTable const table(fit_.model.centres.view(), origin_);
        LloydPartial const layout(table);
        std::vector<double> state = fold(table);
        fit_.cost_history.push_back(state[0]);
        double farthest_move = 0;
        for (std::int64_t c = 0; c < table.clusters(); ++c)
            farthest_move = std::max(farthest_move, update(c, layout, state));
        ++fit_.iterations;
        fit_.converged = std::sqrt(farthest_move) <= options_.tolerance;
    }

    /// Returns the squared length of the centre's move.
    double update(std::int64_t c, LloydPartial const& layout, std::vector<double>& state) {
        double const* const sums = state.data() + layout.cluster_at(c);
        double const weight = sums[d_];
        bool const empty = weight <= 0;
        if (empty && state[1] <= 0) return 0;  // every row lies on a centre
        double moved = 0;
        for (std::int64_t j = 0; j < d_; ++j) {
            double const relative = empty
                                        ? state[static_cast<std::size_t>(layout.farthest_at() + j)]
                                        : sums[j] / weight;
            double& centre = fit_.model.centres.row(c)[j];
            double const next = origin_[static_cast<std::size_t>(j)] + relative;
            moved += (next - centre) * (next - centre);
            centre = next;
        }
        if (empty) state[1] = 0;  // taken: the next empty cluster waits for an iteration
        return moved;
    }

    void measure() {
        CentreTable const table(fit_.model.centres.view(), origin_);
        LloydPartial const layout(table);
        std::vector<double> const state = fold(table);
        fit_.cost = state[0];
        for (std::int64_t c = 0; c < table.clusters(); ++c)
            fit_.sizes.push_back(state[static_cast<std::size_t>(layout.cluster_at(c) + d_)]);
    }

    Communicator const& comm_;
    TrainingSet const& set_;
    KMeansOptions const& options_;
    std::int64_t d_;
    std::vector<double> origin_;
    KMeansFit fit_;
};

}  // namespace

void KMeansModel::predict(Reals x, std::int32_t* cluster, double* squared_distances) const {
    check(x.cols == features(), "k-means: expected rows of {} features, got {}", features(),
          x.cols);
    // The centres' own mean is an origin that every caller has.
    std::vector<double> origin(static_cast<std::size_t>(features()), 0.0);
    for (std::int64_t c = 0; c < clusters(); ++c)
        for (std::int64_t j = 0; j < features(); ++j)
            origin[static_cast<std::size_t>(j)] +=
                centres.row(c)[j] / static_cast<double>(clusters());
    CentreTable const table(centres.view(), origin);
    Scratch scratch;
    for_nearest({{0, x.rows}, x, {}, {}, {}}, table, scratch,
                [&](std::int64_t i, double const*, std::int32_t nearest, double square) {
                    cluster[i] = nearest;
                    if (squared_distances) squared_distances[i] = square;
                });
}

KMeansFit fit_kmeans(Communicator const& comm, TrainingSet const& set,
                     KMeansOptions const& options) {
    check_everywhere(options.clusters >= 1, "k-means: expected at least 1 cluster, got {}",
                     options.clusters);
    check_everywhere(set.rows() > 0, "k-means: expected rows, got none");
    return Lloyd(comm, set, options).run();
}

}  // namespace partita::ml
