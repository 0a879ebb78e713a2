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

}  // namespace

Matrix distributed_kmeans(Communicator const& comm, MatrixView points,
                          std::span<std::int64_t const> rows, KMeansOptions const& options) {
    std::int64_t const total = comm.all_reduce(points.rows, Reduce::sum);
    Matrix centroids = choose_seeds(comm, points, rows, options);
    float const largest = comm.all_reduce(largest_coordinate(points), Reduce::max);
    ClusterMeans means(centroids.rows(), centroids.cols(), largest, total);
    obs::Progress progress("train", "iterations", options.iterations, options.iterations);
    std::vector<std::int32_t> now(static_cast<std::size_t>(points.rows)), previous;
    for (int i = 0; i < options.iterations; ++i) {
        collectively(comm, "train", [&] {
            NearestCentroids const nearest(centroids.view(), Metric::l2, options.threads);
            nearest.find(points, 1, now.data(), options.threads);
            means.sum_up(points, now.data(), options.threads);
        });
        comm.all_reduce(means.counts(), Reduce::sum);
        comm.all_reduce(means.sums(), Reduce::sum);
        means.move(centroids);
        if (options.spherical) normalise_rows(centroids.view());
        std::int64_t const changed = comm.all_reduce(std::int64_t{now != previous}, Reduce::max);
        progress.add(1);
        if (changed == 0) break;
        previous = now;
    }
    return centroids;
}

}  // namespace partita::knn
