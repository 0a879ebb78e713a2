#include "partita/pipeline/evaluate_binary.hpp"

#include "pipeline/curve_sums.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/dataset/dataset.hpp"

#include <bit>
#include <cmath>

namespace partita::pipeline {

namespace {

/// (key of the score, weight: negative for rows of class 0)
using ScoredRow = std::pair<std::uint64_t, double>;
using Scores = dataset::Dataset<ScoredRow>;

/// Ascending keys are falling scores; 0 and -0 are one score.
std::uint64_t key_of(double score) {
    auto const bits = std::bit_cast<std::uint64_t>(score + 0.0);
    std::uint64_t const ascending = bits >> 63 ? ~bits : bits | (std::uint64_t{1} << 63);
    return ~ascending;
}

double score_of(std::uint64_t key) {
    std::uint64_t const ascending = ~key;
    bool const negative = !(ascending >> 63);
    return std::bit_cast<double>(negative ? ~ascending : ascending ^ (std::uint64_t{1} << 63));
}

/// How many rows a partition of sorted scores has: a function of their number, so that sums do not
/// depend on who adds them up.
constexpr std::int64_t rows_per_partition = 100'000;

/// The scores of a set, sorted. A block of rows is a partition: both are shared out alike.
Scores sorted_scores(dataset::Context const& context, ml::TrainingSet const& scored,
                     std::int64_t column) {
    std::int64_t const blocks = std::max<std::int64_t>(scored.blocking().blocks(), 1);
    auto const push = [&scored, column](std::int64_t block, auto&& sink) {
        if (block >= scored.blocking().blocks()) return;
        ml::BatchBuffer buffer;
        ml::Batch const batch = scored.read(scored.blocking().block(block), buffer);
        for (std::int64_t i = 0; i < batch.x.rows; ++i) {
            double const weight = batch.weight(i);
            if (weight == 0) continue;
            double const score = batch.x.row_data(i)[column];
            double const label = batch.y[static_cast<std::size_t>(i)];
            check(!std::isnan(score), "row {}: expected a score, got NaN", batch.rows.first + i);
            check(label == 0 || label == 1, "row {}: expected a label of 0 or 1, got {}",
                  batch.rows.first + i, label);
            sink(ScoredRow(key_of(score), label == 1 ? weight : -weight));
        }
    };
    auto const rows = dataset::make_dataset<ScoredRow>(
        dataset::Plan{context, {blocks}, {}, "evaluate", {}}, push);
    std::int64_t const partitions =
        std::clamp<std::int64_t>(scored.rows() / rows_per_partition, 1, 4096);
    return rows.sort_by([](ScoredRow const& row) { return row.first; }, std::less<>{}, partitions);
}

/// visit(group) for each different score of a partition.
template <class Visit>
void for_each_group(Scores const& scores, std::int64_t partition, Visit&& visit) {
    ScoreGroup group;
    bool any = false;
    scores.push()(partition, [&](ScoredRow const& row) {
        if (any && row.first != group.key) {
            visit(group);
            group = {};
        }
        any = true;
        group.key = row.first;
        (row.second > 0 ? group.rows.positive : group.rows.negative) += std::abs(row.second);
    });
    if (any) visit(group);
}

/// A partition's first and last group, which neighbours may share, and all its rows.
struct Ends {
    std::int64_t groups = 0;
    ScoreGroup first, last;
    Counts all;
};

class ScoreWalk {
  public:
    ScoreWalk(Scores const& scores, std::int64_t most_points)
        : scores_(scores), most_points_(most_points) {}

    BinaryMetrics run() {
        find_ends();
        check_everywhere(all_.sum() > 0,
                         "evaluation: expected rows with positive weight, got none");
        BinaryMetrics metrics;
        metrics.positives = all_.positive;
        metrics.negatives = all_.negative;
        CurveSums const sums = add_up(inner_sums());
        finish(metrics, sums);
        return metrics;
    }

  private:
    void find_ends() {
        auto const local =
            dataset::run_partitions(scores_.plan(), "evaluate", [&](std::int64_t partition) {
                Ends ends;
                for_each_group(scores_, partition, [&](ScoreGroup const& group) {
                    if (ends.groups++ == 0) ends.first = group;
                    ends.last = group;
                    ends.all.add(group.rows);
                });
                return ends;
            });
        std::vector<Ends> const mine(local.begin(), local.end());
        // Ranks own contiguous runs of partitions, so this is the order of partitions.
        ends_ = scores_.context().comm().all_gather_varying(std::span<Ends const>(mine));
        for (Ends const& ends : ends_) {
            before_.push_back(all_);
            all_.add(ends.all);
        }
    }

    /// Sums over the groups that lie within a partition, for each partition.
    std::vector<CurveSums> inner_sums() const {
        auto const local =
            dataset::run_partitions(scores_.plan(), "evaluate", [&](std::int64_t partition) {
                CurveSums sums;
                Counts before = before_[static_cast<std::size_t>(partition)];
                std::int64_t i = 0, last = ends_[static_cast<std::size_t>(partition)].groups - 1;
                for_each_group(scores_, partition, [&](ScoreGroup const& group) {
                    if (i > 0 && i < last) sums.add_group(group, before, all_, most_points_);
                    before.add(group.rows);
                    ++i;
                });
                return sums;
            });
        return dataset::gather_partitions(scores_.plan(), local);
    }

    /// Over all groups, those that cross partitions put together.
    CurveSums add_up(std::vector<CurveSums> const& inner) const {
        CurveSums sums;
        ScoreGroup open;
        Counts before;
        auto const close = [&] {
            if (open.rows.sum() > 0) sums.add_group(open, before, all_, most_points_);
            before.add(open.rows);
            open = {};
        };
        for (std::size_t p = 0; p < ends_.size(); ++p) {
            Ends const& ends = ends_[p];
            if (ends.groups == 0) continue;
            if (open.rows.sum() > 0 && open.key != ends.first.key) close();
            open.key = ends.first.key;
            open.rows.add(ends.first.rows);
            if (ends.groups == 1) continue;
            close();
            sums.add(inner[p]);
            open = ends.last;
            before = before_[p];
            before.add(ends.all);
            before.positive -= open.rows.positive;
            before.negative -= open.rows.negative;
        }
        close();
        return sums;
    }

    void finish(BinaryMetrics& metrics, CurveSums const& sums) const {
        bool const both = all_.positive > 0 && all_.negative > 0;
        double const none = std::nan("");
        metrics.auc_roc = both ? sums.roc / all_.positive / all_.negative : none;
        metrics.auc_pr = both ? sums.pr / all_.positive : none;
        metrics.average_precision = both ? sums.steps / all_.positive : none;
        metrics.kolmogorov_smirnov = both ? sums.ks : none;
        metrics.best_f1 = sums.best_f1;
        metrics.best_f1_threshold = score_of(sums.best_key);
        CurveSums binned;
        Counts before;
        for (auto const& [key, rows] : sums.points) {
            metrics.curve.push_back({score_of(key), rows.positive, rows.negative});
            Counts step = rows;
            step.positive -= before.positive;
            step.negative -= before.negative;
            binned.add_group({key, step}, before, all_, 0);
            before = rows;
        }
        metrics.binned_auc_roc = both ? binned.roc / all_.positive / all_.negative : none;
        metrics.binned_auc_pr = both ? binned.pr / all_.positive : none;
    }

    Scores const& scores_;
    std::int64_t most_points_;
    std::vector<Ends> ends_;
    std::vector<Counts> before_;
    Counts all_;
};

}  // namespace

BinaryMetrics evaluate_binary(dataset::Context const& context, ml::TrainingSet const& scored,
                              std::int64_t score_column, std::int64_t curve_points) {
    check_everywhere(scored.labelled(), "evaluation: expected a label for each row, got none");
    check_everywhere(score_column < scored.features() || scored.rows() == 0,
                     "evaluation: expected scores in column {}, got {} columns", score_column,
                     scored.features());
    Scores const scores = sorted_scores(context, scored, score_column);
    return ScoreWalk(scores, curve_points).run();
}

}  // namespace partita::pipeline
