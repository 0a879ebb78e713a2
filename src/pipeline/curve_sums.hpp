#pragma once

#include "partita/pipeline/evaluate_binary.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace partita::pipeline {

/// Rows with labels 1 and 0, by weight.
struct Counts {
    double positive = 0, negative = 0;
    double sum() const { return positive + negative; }
    void add(Counts const& other) {
        positive += other.positive;
        negative += other.negative;
    }
};

/// Rows of one score.
struct ScoreGroup {
    std::uint64_t key = 0;  ///< Ascending keys are falling scores.
    Counts rows;
};

/// The sums behind the areas and best points, over groups in the order of falling scores.
struct CurveSums {
    double roc = 0, pr = 0, steps = 0;
    double best_f1 = -1, ks = 0;
    std::uint64_t best_key = 0;
    std::vector<std::pair<std::uint64_t, Counts>> points;  ///< (key, rows up to it)

    void add_group(ScoreGroup const& group, Counts const& before, Counts const& all,
                   std::int64_t most_points) {
        Counts after = before;
        after.add(group.rows);
        roc += group.rows.negative * (before.positive + group.rows.positive / 2);
        double const precision = after.positive / after.sum();
        double const earlier = before.sum() > 0 ? before.positive / before.sum() : precision;
        pr += group.rows.positive * (earlier + precision) / 2;
        steps += group.rows.positive * precision;
        double const f1 = 2 * after.positive / (after.sum() + all.positive);
        if (f1 > best_f1) best_f1 = f1, best_key = group.key;
        ks = std::max(ks, after.positive / all.positive - after.negative / all.negative);
        auto const bin = [&](Counts const& rows) {
            return static_cast<std::int64_t>(rows.sum() / all.sum() *
                                             static_cast<double>(most_points));
        };
        if (bin(after) > bin(before)) points.emplace_back(group.key, after);
    }

    void add(CurveSums const& later) {
        roc += later.roc;
        pr += later.pr;
        steps += later.steps;
        if (later.best_f1 > best_f1) best_f1 = later.best_f1, best_key = later.best_key;
        ks = std::max(ks, later.ks);
        points.insert(points.end(), later.points.begin(), later.points.end());
    }
};

}  // namespace partita::pipeline
