#pragma once

#include "partita/core/buffer.hpp"
#include "partita/ml/training_set.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace partita::ml {

/// Centres of clusters under the squared Euclidean distance.
struct KMeansModel {
    RealMatrix centres;  ///< clusters x features.

    std::int64_t clusters() const { return centres.rows(); }
    std::int64_t features() const { return centres.cols(); }

    /// The nearest centre of each row, ties to the smaller number. Rank-local.
    /// @param squared_distances  One a row, or nullptr.
    void predict(Reals x, std::int32_t* cluster, double* squared_distances = nullptr) const;
};

enum class KMeansStart { parallel, plus_plus, random };

struct KMeansOptions {
    std::int64_t clusters = 2;
    int max_iterations = 20;
    double tolerance = 1e-4;  ///< Stop when no centre moves further (as MLlib).
    /// parallel: k-means|| in `start_rounds` rounds, then weighted k-means++ on what was drawn.
    /// plus_plus: k-means++ on a sample of at most 4,096 + 64 k rows.
    KMeansStart start = KMeansStart::parallel;
    int start_rounds = 2;
    std::uint64_t seed = 0;
    int threads = 0;  ///< 0 = OpenMP's default.
};

struct KMeansFit {
    KMeansModel model;
    std::vector<double> cost_history;  ///< Sum of squared distances before each update of centres.
    double cost = 0;                   ///< Of the model returned.
    std::vector<double> sizes;         ///< Rows (weight) of each cluster.
    int iterations = 0;
    bool converged = false;
    std::vector<std::string> warnings;
};

/// Lloyd's algorithm.
///
/// Collective; one fold of clusters x (features + 1) + 1 numbers an iteration. The centres are the
/// same bits for any number of ranks and threads: rows are drawn by random streams of (seed, row).
/// A cluster that loses all its rows takes the row that is farthest from its own centre. With fewer
/// distinct rows than clusters there are fewer clusters, and a warning.
///
/// @throws CollectiveError: no rows, clusters < 1.
KMeansFit fit_kmeans(Communicator const& comm, TrainingSet const& set,
                     KMeansOptions const& options = {});

}  // namespace partita::ml
