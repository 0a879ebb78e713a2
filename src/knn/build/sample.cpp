#include "knn/build/sample.hpp"

#include "partita/core/hash.hpp"
#include "partita/knn/distance.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace partita::knn {

namespace {

constexpr std::int64_t run_rows = 16;

bool run_is_drawn(std::int64_t run, double fraction, std::uint64_t seed) {
    if (fraction >= 1) return true;
    std::uint64_t const hash = combine_hashes(seed ^ 0x5a3b1eu, static_cast<std::uint64_t>(run));
    return static_cast<double>(hash >> 11) * 0x1.0p-53 < fraction;
}

}  // namespace

Sample read_sample(io::VectorSource const& source, RowRange mine, std::int64_t wanted,
                   std::uint64_t seed, Metric metric) {
    double const fraction = static_cast<double>(wanted) / static_cast<double>(source.rows());
    std::vector<RowRange> drawn;
    Sample sample;
    for (std::int64_t run = mine.first / run_rows; run * run_rows < mine.last; ++run) {
        if (!run_is_drawn(run, fraction, seed)) continue;
        RowRange const range{std::max(run * run_rows, mine.first),
                             std::min((run + 1) * run_rows, mine.last)};
        if (!drawn.empty() && drawn.back().last == range.first)
            drawn.back().last = range.last;
        else
            drawn.push_back(range);
        for (std::int64_t row = range.first; row < range.last; ++row) sample.rows.push_back(row);
    }
    sample.points = Matrix(static_cast<std::int64_t>(sample.rows.size()), source.dim());
    std::int64_t at = 0;
    for (RowRange const& range : drawn) {
        source.read(range.first, range.last, sample.points.row(at));
        at += range.size();
    }
    if (metric == Metric::cosine) normalise_rows(sample.points.view());
    return sample;
}

}  // namespace partita::knn
