#include "knn/build/kmeans.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/hash.hpp"
#include "partita/knn/distance.hpp"
#include "partita/knn/exact_search.hpp"
#include "partita/obs/progress.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <vector>

#include <omp.h>

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

/// Sums of points by cluster in fixed point, so that they are the same in any order of addition.
class FixedPointSums {
  public:
    /// @param largest  Of all coordinates' absolute values.  @param points  In all.
    FixedPointSums(std::int64_t clusters, std::int64_t dim, float largest, std::int64_t points)
        : dim_(dim),
          counts_(static_cast<std::size_t>(clusters)),
          sums_(static_cast<std::size_t>(clusters * dim)) {
        int exponent = 0;
        std::frexp(
            static_cast<double>(largest) * static_cast<double>(std::max<std::int64_t>(points, 1)),
            &exponent);
        scale_ = std::ldexp(1.0, std::min(61 - exponent, 1000));
    }

    void add_all(Communicator const& comm, MatrixView points, std::int64_t const* cluster_of) {
        std::fill(counts_.begin(), counts_.end(), 0);
        std::fill(sums_.begin(), sums_.end(), 0);
        for (std::int64_t i = 0; i < points.rows; ++i)
            ++counts_[static_cast<std::size_t>(cluster_of[i])];
        std::vector<std::int64_t> first(counts_.size() + 1, 0);
        std::partial_sum(counts_.begin(), counts_.end(), first.begin() + 1);
        std::vector<std::int64_t> next(first.begin(), first.end() - 1),
            order(static_cast<std::size_t>(points.rows));
        for (std::int64_t i = 0; i < points.rows; ++i)
            order[static_cast<std::size_t>(next[static_cast<std::size_t>(cluster_of[i])]++)] = i;
#pragma omp parallel for schedule(dynamic, 16)
        for (std::size_t c = 0; c < counts_.size(); ++c)
            for (std::int64_t j = first[c]; j < first[c + 1]; ++j)
                add(c, points.row_data(order[static_cast<std::size_t>(j)]));
        comm.all_reduce(std::span(counts_), Reduce::sum);
        comm.all_reduce(std::span(sums_), Reduce::sum);
    }

    std::vector<std::int64_t>& counts() { return counts_; }
    float mean(std::size_t cluster, std::int64_t j) const {
        auto const sum = static_cast<double>(
            sums_[cluster * static_cast<std::size_t>(dim_) + static_cast<std::size_t>(j)]);
        return static_cast<float>(sum / scale_ / static_cast<double>(counts_[cluster]));
    }

  private:
    void add(std::size_t cluster, float const* point) {
        std::int64_t* sum = sums_.data() + cluster * static_cast<std::size_t>(dim_);
        for (std::int64_t j = 0; j < dim_; ++j)
            sum[j] += static_cast<std::int64_t>(static_cast<double>(point[j]) * scale_);
    }

    std::int64_t dim_;
    double scale_ = 1;
    std::vector<std::int64_t> counts_;
    std::vector<std::int64_t> sums_;
};

/// Give each empty cluster half of the largest: both move a little to either side of its centroid.
void split_for_empty(Matrix& centroids, std::vector<std::int64_t>& counts) {
    constexpr float apart = 1.0f / 1024;
    for (std::size_t empty = 0; empty < counts.size(); ++empty) {
        if (counts[empty] > 0) continue;
        auto const largest = static_cast<std::size_t>(
            std::max_element(counts.begin(), counts.end()) - counts.begin());
        float* from = centroids.row(static_cast<std::int64_t>(largest));
        float* to = centroids.row(static_cast<std::int64_t>(empty));
        for (std::int64_t j = 0; j < centroids.cols(); ++j) {
            float const value = from[j], step = j % 2 == 0 ? apart : -apart;
            to[j] = value * (1 + step);
            from[j] = value * (1 - step);
        }
        counts[empty] = counts[largest] / 2;
        counts[largest] -= counts[empty];
    }
}

void move_centroids(Matrix& centroids, FixedPointSums& sums, bool spherical) {
    for (std::size_t c = 0; c < sums.counts().size(); ++c)
        if (sums.counts()[c] > 0)
            for (std::int64_t j = 0; j < centroids.cols(); ++j)
                centroids.row(static_cast<std::int64_t>(c))[j] = sums.mean(c, j);
    split_for_empty(centroids, sums.counts());
    if (spherical) normalise_rows(centroids.view());
}

float largest_coordinate(Communicator const& comm, MatrixView points) {
    float largest = 0;
    for (std::int64_t i = 0; i < points.size(); ++i)
        largest = std::max(largest, std::fabs(points.data[i]));
    return comm.all_reduce(largest, Reduce::max);
}

}  // namespace

Matrix distributed_kmeans(Communicator const& comm, MatrixView points,
                          std::span<std::int64_t const> rows, KMeansOptions const& options) {
    std::int64_t const total = comm.all_reduce(points.rows, Reduce::sum);
    Matrix centroids = choose_seeds(comm, points, rows, options);
    FixedPointSums sums(centroids.rows(), centroids.cols(), largest_coordinate(comm, points),
                        total);
    ExactSearchOptions search;
    search.threads = options.threads;
    obs::Progress progress("train", "iterations", options.iterations, options.iterations);
    std::vector<std::int64_t> previous;
    for (int i = 0; i < options.iterations; ++i) {
        Neighbors const nearest = collectively(comm, "train", [&] {
            return exact_search(centroids.view(), points, 1, Metric::l2, search);
        });
        sums.add_all(comm, points, nearest.positions.data());
        move_centroids(centroids, sums, options.spherical);
        std::vector<std::int64_t> now(nearest.positions.data(),
                                      nearest.positions.data() + points.rows);
        std::int64_t const changed = comm.all_reduce(std::int64_t{now != previous}, Reduce::max);
        progress.add(1);
        if (changed == 0) break;
        previous = std::move(now);
    }
    return centroids;
}

}  // namespace partita::knn
