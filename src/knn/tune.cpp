#include "partita/knn/tune.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/hash.hpp"
#include "partita/core/row_range.hpp"
#include "partita/knn/evaluate.hpp"
#include "partita/obs/progress.hpp"
#include "partita/obs/stopwatch.hpp"

#include <algorithm>
#include <cmath>

namespace partita::knn {

namespace {

/// This rank's part of a sample of queries, with their exact neighbours.
class MeasuredSample {
  public:
    MeasuredSample(Communicator const& comm, BatchSearcher const& index, QuerySet const& queries,
                   TuneOptions const& options, std::uint64_t seed)
        : comm_(comm), index_(index), options_(options) {
        std::vector<std::int64_t> const all = sample_rows(queries.rows(), options.sample, seed);
        total_ = static_cast<std::int64_t>(all.size());
        RowRange const mine = share_of(total_, comm.size(), comm.rank());
        collectively(comm, "measure recall", [&] {
            vectors_ = Matrix(mine.size(), index.dim());
            for (std::int64_t i = mine.first; i < mine.last; ++i) {
                std::int64_t const row = all[static_cast<std::size_t>(i)];
                Matrix const one = queries.read(row, row + 1);
                std::copy_n(one.data(), index.dim(), vectors_.row(i - mine.first));
                self_.push_back(queries.position(row));
            }
        });
        exact_ = index.search_exactly(vectors_.view(), wanted_k(), search_options(0));
    }

    /// Collective: recall at this effort over the whole sample.
    Tuning measure(std::int64_t effort) const {
        obs::Stopwatch watch;
        Neighbors const found = index_.search(vectors_.view(), wanted_k(), search_options(effort));
        double const seconds = watch.seconds();
        // Hits are whole numbers, so sums over ranks are exact in any order.
        std::int64_t sums[3] = {0, 0, 0};  // hits, squares of hits, possible hits
        for (std::int64_t q = 0; q < vectors_.rows(); ++q) {
            std::int64_t const self = self_[static_cast<std::size_t>(q)];
            auto const [hits, possible] = count_hits(found, q, self);
            sums[0] += hits;
            sums[1] += hits * hits;
            sums[2] += possible;
        }
        comm_.all_reduce(std::span<std::int64_t>(sums), Reduce::sum);
        double const cpu = comm_.all_reduce(seconds, Reduce::sum) * threads();
        Tuning result;
        result.effort = effort;
        result.sample = total_;
        result.recall =
            sums[2] > 0 ? static_cast<double>(sums[0]) / static_cast<double>(sums[2]) : 1;
        auto const n = static_cast<double>(std::max<std::int64_t>(total_, 1));
        double const k = static_cast<double>(sums[2]) / n;
        double const mean = static_cast<double>(sums[0]) / n;
        double const variance = std::max(0.0, static_cast<double>(sums[1]) / n - mean * mean);
        result.margin = k > 0 ? 2 * std::sqrt(variance / n) / k : 0;
        result.curve.push_back({effort, result.recall, cpu / n * 1e6});
        return result;
    }

  private:
    /// One more than k, to have k when a query finds itself.
    std::int64_t wanted_k() const { return options_.k + 1; }
    int threads() const { return std::max(options_.threads, 1); }

    SearchOptions search_options(std::int64_t effort) const {
        SearchOptions search;
        search.effort = effort;
        search.threads = options_.threads;
        search.workspace_bytes = options_.workspace_bytes;
        return search;
    }

    /// The first k neighbours other than the query itself.
    std::vector<std::int64_t> neighbours(Neighbors const& of, std::int64_t q,
                                         std::int64_t self) const {
        std::vector<std::int64_t> positions;
        for (std::int64_t j = 0; j < of.k(); ++j) {
            std::int64_t const position = of.positions.row(q)[j];
            if (position >= 0 && position != self &&
                static_cast<std::int64_t>(positions.size()) < options_.k)
                positions.push_back(position);
        }
        return positions;
    }

    std::pair<std::int64_t, std::int64_t> count_hits(Neighbors const& found, std::int64_t q,
                                                     std::int64_t self) const {
        std::vector<std::int64_t> truth = neighbours(exact_, q, self);
        std::sort(truth.begin(), truth.end());
        std::int64_t hits = 0;
        for (std::int64_t position : neighbours(found, q, self))
            hits += std::binary_search(truth.begin(), truth.end(), position);
        return {hits, static_cast<std::int64_t>(truth.size())};
    }

    Communicator const& comm_;
    BatchSearcher const& index_;
    TuneOptions const& options_;
    std::int64_t total_ = 0;
    Matrix vectors_;
    std::vector<std::int64_t> self_;
    Neighbors exact_;
};

}  // namespace

Tuning tune(Communicator const& comm, BatchSearcher const& index, QuerySet const& queries,
            TuneOptions const& options) {
    collectively(comm, "", [&] {
        check(options.recall > 0 && options.recall <= 1,
              "--recall: expected more than 0 and at most 1, got {}", options.recall);
    });
    std::vector<std::int64_t> const efforts = index.efforts(options.k);
    if (efforts.empty()) {
        Tuning exact;
        exact.recall = 1;
        return exact;
    }
    MeasuredSample const sample(comm, index, queries, options, mix64(options.seed));
    std::vector<OperatingPoint> curve;
    auto measure = [&](std::int64_t effort) {
        Tuning measured = sample.measure(effort);
        curve.push_back(measured.curve.front());
        return measured;
    };
    auto good = [&](Tuning const& t) {
        return t.recall - t.margin >= options.recall || t.recall >= 1;
    };

    Tuning best;
    std::int64_t too_small = 0;
    for (std::int64_t effort : efforts) {
        best = measure(effort);
        if (good(best)) break;
        too_small = effort;
    }
    // Between the last that was too small and the first that was good enough.
    while (good(best) && best.effort - too_small > std::max<std::int64_t>(1, too_small / 8)) {
        Tuning const middle = measure(too_small + (best.effort - too_small) / 2);
        if (good(middle))
            best = middle;
        else
            too_small = middle.effort;
    }
    std::sort(curve.begin(), curve.end(),
              [](auto const& a, auto const& b) { return a.effort < b.effort; });
    best.curve = std::move(curve);
    return best;
}

Tuning measure_recall(Communicator const& comm, BatchSearcher const& index, QuerySet const& queries,
                      std::int64_t effort, TuneOptions const& options) {
    MeasuredSample const sample(comm, index, queries, options, mix64(options.seed + 1));
    return sample.measure(effort);
}

}  // namespace partita::knn
