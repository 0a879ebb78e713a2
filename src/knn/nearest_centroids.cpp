#include "knn/nearest_centroids.hpp"

#include "knn/best_scores.hpp"
#include "knn/byte_gain.hpp"
#include "knn/centroid_groups.hpp"
#include "knn/group_by.hpp"
#include "knn/query_block.hpp"

#include "partita/core/error.hpp"
#include "partita/knn/distance.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include <omp.h>

namespace partita::knn {
namespace {

/// Fewer centroids than these are quickly compared one and all.
constexpr std::int64_t fewest_grouped = 4096;
/// Where more are wanted, so many more are looked at again that bytes gain nothing: measured.
constexpr std::int64_t most_by_bytes = 4;

/// At a time: so many that a group's points fill tiles, so few that they and candidates stay near.
std::int64_t points_at_a_time(std::int64_t dim, std::int64_t count) {
    constexpr std::int64_t most_bytes = 2 << 20;
    std::int64_t const point_bytes = dim * 4 + BestScores::bytes_per_point(count);
    return std::clamp<std::int64_t>(most_bytes / point_bytes, 48, 1024);
}

bool have_length_one(MatrixView vectors) {
    for (std::int64_t i = 0; i < vectors.rows; ++i) {
        float const* const vector = vectors.row_data(i);
        double const squared = -rank_distance(Metric::inner_product, vector, vector, vectors.cols);
        if (!(std::abs(squared - 1) < 1e-4)) return false;
    }
    return true;
}

/// By the angle, the nearest of many of length 1 are those of l2, for which groups can be formed.
Metric metric_of_comparison(MatrixView centroids, Metric metric) {
    if (metric == Metric::l2) return Metric::l2;
    bool const by_angle = metric == Metric::cosine && centroids.rows >= fewest_grouped;
    return by_angle && have_length_one(centroids) ? Metric::l2 : Metric::inner_product;
}

std::vector<std::vector<std::int32_t>> one_group(std::int64_t rows) {
    std::vector<std::int32_t> all(static_cast<std::size_t>(rows));
    std::iota(all.begin(), all.end(), 0);
    return {std::move(all)};
}

}  // namespace

/// What one thread needs to find the centroids of a block of points.
class NearestCentroids::Block {
  public:
    Block(NearestCentroids const& of, std::int64_t count, std::int64_t most_points)
        : of_(of),
          count_(count),
          probes_(of.groups_to_probe(count)),
          vectors_(most_points, of.centroids_.rows().cols),
          codes_(of.centroids_.byte_kernels()
                     ? most_points * byte_groups(vectors_.cols()) * byte_group
                     : 0),
          best_groups_(most_points, probes_),
          best_(most_points, count),
          groups_(static_cast<std::size_t>(most_points * probes_)),
          all_(one_group(most_points).front()) {}

    /// @param points  at most most_points.
    /// @param likely  See NearestCentroids::find.
    void find(MatrixView points, std::int32_t* out, std::int32_t* likely) {
        take(points);
        std::span<std::int32_t const> const all =
            std::span(all_).first(static_cast<std::size_t>(points.rows));
        if (probes_ > 0) {
            find_groups(all);
            prepare(of_.centroids_, count_, best_);
            Groups const grouped =
                group_by(std::span(groups_).first(all.size() * static_cast<std::size_t>(probes_)),
                         probes_, of_.centroids_.groups());
            for (std::size_t g = 0; g < of_.centroids_.groups(); ++g)
                scan(of_.centroids_, g, grouped.of(g), best_);
        } else {
            prepare(of_.centroids_, count_, best_);
            scan_all(all);
        }
        std::vector<std::int32_t> unlucky;
        for (std::int32_t point : all)
            if (finish(point, out, likely) < count_) unlucky.push_back(point);
        if (!unlucky.empty()) {  // their groups hold too few
            prepare(of_.centroids_, count_, best_);
            scan_all(unlucky);
            for (std::int32_t point : unlucky) finish(point, out, likely);
        }
        if (byte_points_.empty())
            gain_.scored_floats(scored_);
        else
            gain_.scored_bytes(scored_, in_vain_ / 2);  // no ranking, but a product each
        scored_ = in_vain_ = 0;
    }

  private:
    std::int64_t finish(std::int32_t point, std::int32_t* out, std::int32_t* likely) {
        std::int64_t const found = best_.finish(point, out + point * count_);
        if (likely && found > 0) likely[point] = best_.likely_best(point);
        return found;
    }

    void take(MatrixView points) {
        given_ = points;
        bounds_.clear();
        byte_points_.clear();
        for (std::int64_t i = 0; i < points.rows; ++i) {
            float* const vector = vectors_.row(i);
            std::memcpy(vector, points.row_data(i),
                        static_cast<std::size_t>(points.cols) * sizeof(float));
            for (std::size_t p = 0; p < of_.centre_.size(); ++p) vector[p] -= of_.centre_[p];
            bounds_.push_back(of_.score_bounds_.of_query(vector));
        }
        if (count_ <= most_by_bytes && gain_.expected()) round_points(points.rows);
    }

    void round_points(std::int64_t count) {
        ByteKernels const* const kernels = of_.centroids_.byte_kernels();
        std::int64_t const code_bytes = byte_groups(vectors_.cols()) * byte_group;
        for (std::int64_t i = 0; kernels && i < count; ++i)
            byte_points_.push_back(round_query(*kernels, vectors_.row(i), vectors_.cols(),
                                               bounds_[static_cast<std::size_t>(i)],
                                               codes_.data() + i * code_bytes));
    }

    void prepare(PackedRows const& rows, std::int64_t count, BestScores& best) {
        slacks_.clear();
        for (QueryBounds const& bounds : bounds_)
            slacks_.push_back(scorable(rows, bounds) ? ScoreBounds::slack(bounds, rows.bounds())
                                                     : std::numeric_limits<float>::infinity());
        best.reset(count, slacks_, [this, &rows](std::int64_t point, std::int32_t number) {
            double const distance = rank_distance(of_.metric_, given_.row_data(point),
                                                  rows.rows().row_data(number), given_.cols);
            return std::isnan(distance) ? HUGE_VAL : distance;
        });
    }

    static bool scorable(PackedRows const& rows, QueryBounds const& bounds) {
        return rows.bounds().scorable && ScoreBounds::scorable(bounds);
    }

    void find_groups(std::span<std::int32_t const> points) {
        prepare(of_.centres_, probes_, best_groups_);
        scan(of_.centres_, 0, points, best_groups_);
        for (std::int32_t point : points)
            best_groups_.finish(point, &groups_[static_cast<std::size_t>(point * probes_)]);
    }

    void scan_all(std::span<std::int32_t const> points) {
        for (std::size_t g = 0; g < of_.centroids_.groups(); ++g)
            scan(of_.centroids_, g, points, best_);
    }

    void scan(PackedRows const& rows, std::size_t group, std::span<std::int32_t const> points,
              BestScores& best) {
        if (byte_points_.empty())
            scan_panels(rows, rows.panels(group), rows.numbers(group), points, best);
        else
            scan_panels(rows, rows.byte_panels(group), rows.numbers(group), points, best);
    }

    template <class OnePanel>
    void scan_panels(PackedRows const& rows, std::span<OnePanel const> panels,
                     std::int32_t const* numbers, std::span<std::int32_t const> points,
                     BestScores& best) {
        for (OnePanel const& panel : panels) {
            for (std::size_t first = 0; first < points.size(); first += tile_queries)
                scan_tile(rows, panel, numbers,
                          points.subspan(
                              first, std::min<std::size_t>(tile_queries, points.size() - first)),
                          best);
            numbers += panel_columns;
            scored_ += panel.rows * std::ssize(points);
        }
    }

    template <class OnePanel>
    void scan_tile(PackedRows const& rows, OnePanel const& panel, std::int32_t const* numbers,
                   std::span<std::int32_t const> points, BestScores& best) {
        for (std::int32_t point : points)
            if (!scorable(rows, bounds_[static_cast<std::size_t>(point)]))
                return offer_all(panel.rows, numbers, points, best);
        TileResult result;
        if (!score(panel, points, best, result)) return;
        for (std::size_t i = 0; i < points.size(); ++i) {
            std::uint64_t passed = result.passed[i];
            if (panel.rows < panel_columns) passed &= (std::uint64_t{1} << panel.rows) - 1;
            passed = worth_offering(panel, points[i], passed, result.scores[i], best);
            for (; passed != 0; passed &= passed - 1) {
                int const column = std::countr_zero(passed);
                float const score =
                    float_score(rows, panel, points[i], column, result.scores[i][column]);
                if (score < best.threshold(points[i]))
                    ++in_vain_;
                else
                    best.offer(points[i], score, numbers[column]);
            }
        }
    }

    static std::uint64_t worth_offering(Panel const&, std::int32_t, std::uint64_t passed,
                                        float const*, BestScores const&) {
        return passed;
    }
    /// To offer takes a product each: of a point's first panel, which all columns pass, only the
    /// best are worth it.
    std::uint64_t worth_offering(BytePanel const& panel, std::int32_t point, std::uint64_t passed,
                                 float const* scores, BestScores const& best) const {
        if (best.threshold(point) != -std::numeric_limits<float>::infinity()) return passed;
        auto const at = static_cast<std::size_t>(point);
        ByteSlack const slack(byte_points_[at], bounds_[at], panel);
        return among_best(passed, scores, panel.rows, best.count(),
                          2 * (slack.rest + slack.offset * panel.most_step));
    }

    static float float_score(PackedRows const&, Panel const&, std::int32_t, int, float score) {
        return score;
    }
    /// Bytes only tell what may be near.
    float float_score(PackedRows const& rows, BytePanel const& panel, std::int32_t point,
                      int column, float) const {
        return panel.bias[column] + rows.byte_kernels()->product(vectors_.row(point),
                                                                 rows.centred(panel, column),
                                                                 given_.cols);
    }

    bool score(Panel const& panel, std::span<std::int32_t const> points, BestScores const& best,
               TileResult& result) {
        float const* vectors[tile_queries];
        float thresholds[tile_queries];
        for (std::size_t i = 0; i < points.size(); ++i) {
            vectors[i] = vectors_.row(points[i]);
            thresholds[i] = best.threshold(points[i]);
        }
        auto const tile = scan_kernels().score_tile[panel.vectors - 1][points.size() - 1];
        return tile(vectors, given_.cols, panel.values, panel.bias, thresholds, result);
    }

    bool score(BytePanel const& panel, std::span<std::int32_t const> points, BestScores const& best,
               TileResult& result) {
        std::int64_t const groups = byte_groups(given_.cols);
        std::int8_t const* codes[tile_queries] = {};
        ByteTerms terms[tile_queries] = {};
        for (std::size_t i = 0; i < points.size(); ++i) {
            ByteQuery const& point = byte_points_[static_cast<std::size_t>(points[i])];
            codes[i] = codes_.data() + points[i] * groups * byte_group;
            ByteSlack const slack(point, bounds_[static_cast<std::size_t>(points[i])], panel);
            terms[i] = slack.terms(point, best.threshold(points[i]));
        }
        auto const tile =
            of_.centroids_.byte_kernels()->score_tile[panel.vectors - 1][points.size() - 1];
        return tile(codes, groups, terms, panel.values, panel.columns.steps, panel.bias, result);
    }

    /// Scores mean nothing: all must be ranked.
    static void offer_all(int rows, std::int32_t const* numbers,
                          std::span<std::int32_t const> points, BestScores& best) {
        for (std::int32_t point : points)
            for (int column = 0; column < rows; ++column) best.offer(point, 0, numbers[column]);
    }

    NearestCentroids const& of_;
    std::int64_t count_, probes_;
    MatrixView given_;
    Matrix vectors_;  ///< Minus the centre.
    Buffer<std::int8_t> codes_;
    std::vector<QueryBounds> bounds_;
    std::vector<ByteQuery> byte_points_;  ///< Empty where floats are scored.
    ByteGain gain_;
    std::int64_t scored_ = 0, in_vain_ = 0;  ///< Of this block of points.
    std::vector<float> slacks_;
    BestScores best_groups_, best_;
    std::vector<std::int32_t> groups_, all_;
};

NearestCentroids::NearestCentroids(MatrixView centroids, Metric metric, int threads)
    : metric_(metric_of_comparison(centroids, metric)), score_bounds_(metric_, centroids.cols) {
    check(centroids.rows < std::numeric_limits<std::int32_t>::max(),
          "centroids: expected fewer than 2^31, got {}", centroids.rows);
    if (metric_ == Metric::l2) centre_ = choose_centre(centroids);
    // The largest inner products may be with centroids of any group.
    if (centroids.rows < fewest_grouped || metric_ == Metric::inner_product) {
        centroids_ =
            PackedRows(centroids, metric_, score_bounds_, centre_, one_group(centroids.rows));
        return;
    }
    CentroidGroups grouped = group_centroids(centroids, metric_, threads);
    group_centres_ = std::move(grouped.centres);
    centres_ = PackedRows(group_centres_.view(), metric_, score_bounds_, centre_,
                          one_group(group_centres_.rows()));
    centroids_ = PackedRows(centroids, metric_, score_bounds_, centre_, std::move(grouped.members));
}

std::int64_t NearestCentroids::groups_to_probe(std::int64_t count) const {
    return probed_groups(static_cast<std::int64_t>(centroids_.groups()), count);
}

std::int64_t NearestCentroids::compared(std::int64_t centroids, std::int64_t count) {
    if (centroids < fewest_grouped) return centroids;
    std::int64_t const groups = groups_of(centroids), probed = probed_groups(groups, count);
    return probed == 0 ? centroids : groups + centroids / groups * probed;
}

void NearestCentroids::find(MatrixView points, std::int64_t count, std::int32_t* out, int threads,
                            std::int32_t* likely) const {
    std::int64_t const block_points = points_at_a_time(points.cols, count);
    std::int64_t const blocks = (points.rows + block_points - 1) / block_points;
    int const team = static_cast<int>(
        std::clamp<std::int64_t>(blocks, 1, threads > 0 ? threads : omp_get_max_threads()));
    std::vector<std::unique_ptr<Block>> workers;
    for (int t = 0; t < team; ++t)
        workers.push_back(std::make_unique<Block>(*this, count, block_points));
#pragma omp parallel for schedule(dynamic, 1) num_threads(team)
    for (std::int64_t b = 0; b < blocks; ++b) {
        std::int64_t const first = b * block_points;
        std::int64_t const last = std::min(first + block_points, points.rows);
        workers[static_cast<std::size_t>(omp_get_thread_num())]->find(
            points.slice(first, last), out + first * count, likely ? likely + first : nullptr);
    }
}

}  // namespace partita::knn
