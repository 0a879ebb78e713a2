#include "knn/build/kmeans.hpp"

#include "knn/cluster_means.hpp"
#include "knn/nearest_centroids.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/hash.hpp"
#include "partita/knn/distance.hpp"
#include "partita/obs/progress.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

namespace partita::knn {

namespace {

/// The points with the smallest hashes of their row numbers, in the order of the hashes: a random
/// choice that does not depend on which rank holds which row.
Matrix choose_seeds(Communicator const& comm, MatrixView points, std::span<std::int64_t const> rows,
                    KMeansOptions const& options) {
    std::vector<std::pair<std::uint64_t, std::int64_t>> mine;
    for (std::int64_t i = 0; i < points.rows; ++i)
        mine.emplace_back(combine_hashes(options.seed, static_cast<std::uint64_t>(
                                                           rows[static_cast<std::size_t>(i)])),
                          i);
    std::sort(mine.begin(), mine.end());
    auto const wanted = static_cast<std::size_t>(options.clusters);
    if (mine.size() > wanted) mine.resize(wanted);

    std::vector<std::uint64_t> hashes;
    for (auto const& [hash, i] : mine) hashes.push_back(hash);
    std::vector<std::uint64_t> all =
        comm.all_gather_varying(std::span<std::uint64_t const>(hashes));
    std::sort(all.begin(), all.end());
    if (all.size() > wanted) all.resize(wanted);

    // Every rank puts its chosen points in their places and the sum of all ranks' (bit patterns of
    // disjoint) contributions is the matrix of seeds.
    std::int64_t const dim = points.cols;
    Matrix seeds(static_cast<std::int64_t>(all.size()), dim);
    std::vector<std::uint32_t> bits(all.size() * static_cast<std::size_t>(dim), 0);
    for (auto const& [hash, i] : mine) {
        auto const place = std::lower_bound(all.begin(), all.end(), hash);
        if (place == all.end() || *place != hash) continue;
        std::memcpy(bits.data() + (place - all.begin()) * dim, points.row_data(i),
                    static_cast<std::size_t>(dim) * sizeof(float));
    }
    comm.all_reduce(std::span(bits), Reduce::max);
    std::memcpy(seeds.data(), bits.data(), bits.size() * sizeof(float));
    return seeds;
}

/// Where centroids move far yet, a part of the points tells as well where to: all are looked at
/// only in the last iterations.
constexpr int last_iterations = 2;
constexpr std::uint64_t early_part = 4;
constexpr std::int64_t fewest_early = 8;  ///< Of a cluster.

/// One in `early_part` of the points, by their row numbers. Rank-local.
Matrix choose_early(MatrixView points, std::span<std::int64_t const> rows, std::uint64_t seed) {
    std::vector<std::int64_t> chosen;
    for (std::int64_t i = 0; i < points.rows; ++i) {
        auto const row = static_cast<std::uint64_t>(rows[static_cast<std::size_t>(i)]);
        if (combine_hashes(seed ^ 0xea21u, row) % early_part == 0) chosen.push_back(i);
    }
    Matrix early(std::ssize(chosen), points.cols);
    for (std::int64_t i = 0; i < early.rows(); ++i)
        std::memcpy(early.row(i), points.row_data(chosen[static_cast<std::size_t>(i)]),
                    static_cast<std::size_t>(points.cols) * sizeof(float));
    return early;
}

class Lloyd {
  public:
    Lloyd(Communicator const& comm, MatrixView points, std::int64_t total, Matrix centroids,
          KMeansOptions const& options)
        : comm_(comm),
          options_(options),
          centroids_(std::move(centroids)),
          means_(centroids_.rows(), centroids_.cols(),
                 comm.all_reduce(largest_coordinate(points), Reduce::max), total),
          progress_("train", "iterations", options.iterations, options.iterations) {}

    /// Until nothing changes, or for so many iterations. Collective.
    void run(MatrixView points, int iterations) {
        std::vector<std::int32_t> now(static_cast<std::size_t>(points.rows)), previous;
        for (int i = 0; i < iterations; ++i) {
            collectively(comm_, "train", [&] {
                NearestCentroids const nearest(centroids_.view(), Metric::l2, options_.threads);
                nearest.find(points, 1, now.data(), options_.threads);
                means_.sum_up(points, now.data(), options_.threads);
            });
            comm_.all_reduce(means_.counts(), Reduce::sum);
            comm_.all_reduce(means_.sums(), Reduce::sum);
            means_.move(centroids_);
            if (options_.spherical) normalise_rows(centroids_.view());
            auto const changed = comm_.all_reduce(std::int64_t{now != previous}, Reduce::max);
            progress_.add(1);
            if (changed == 0) break;
            previous = now;
        }
    }

    Matrix take() { return std::move(centroids_); }

  private:
    Communicator const& comm_;
    KMeansOptions const& options_;
    Matrix centroids_;
    ClusterMeans means_;
    obs::Progress progress_;
};

}  // namespace

Matrix distributed_kmeans(Communicator const& comm, MatrixView points,
                          std::span<std::int64_t const> rows, KMeansOptions const& options) {
    std::int64_t const total = comm.all_reduce(points.rows, Reduce::sum);
    Lloyd lloyd(comm, points, total, choose_seeds(comm, points, rows, options), options);
    int left = options.iterations;
    if (total / static_cast<std::int64_t>(early_part) >= fewest_early * options.clusters) {
        int const early = std::max(0, left - last_iterations);
        Matrix const some =
            collectively(comm, "train", [&] { return choose_early(points, rows, options.seed); });
        lloyd.run(some.view(), early);
        left -= early;
    }
    lloyd.run(points, left);
    return lloyd.take();
}

}  // namespace partita::knn
