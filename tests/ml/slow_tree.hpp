#pragma once

#include "ml/random_rows.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace partita::test {

/// A tree grown by the definition: at each node every midpoint of every feature is tried on the
/// rows themselves. Splits of equal gain go to the smaller feature, then threshold.
class SlowTree {
  public:
    /// @param classes  0: the label is a number and impurity its variance; else Gini's.
    SlowTree(Rows const& rows, int classes, int depth, std::int64_t min_leaf)
        : rows_(rows), classes_(classes), min_leaf_(min_leaf) {
        std::vector<std::int64_t> all(static_cast<std::size_t>(rows.n));
        std::iota(all.begin(), all.end(), 0);
        grow(all, depth);
    }

    /// The value, or the probabilities of the classes.
    std::vector<double> predict(std::int64_t row) const {
        std::size_t at = 0;
        while (nodes_[at].feature >= 0)
            at = rows_.at(row, nodes_[at].feature) <= nodes_[at].threshold ? nodes_[at].left
                                                                           : nodes_[at].right;
        return nodes_[at].value;
    }
    std::int64_t leaves() const {
        return std::count_if(nodes_.begin(), nodes_.end(), [](auto& n) { return n.feature < 0; });
    }

  private:
    struct Node {
        std::int64_t feature = -1;
        double threshold = 0;
        std::size_t left = 0, right = 0;
        std::vector<double> value;
    };
    using Members = std::vector<std::int64_t>;

    double weight(std::int64_t i) const {
        return rows_.weights.empty() ? 1 : rows_.weights[static_cast<std::size_t>(i)];
    }
    double label(std::int64_t i) const { return rows_.y[static_cast<std::size_t>(i)]; }

    std::vector<double> value_of(Members const& members) const {
        std::vector<double> sums(static_cast<std::size_t>(std::max(1, classes_)), 0.0);
        double total = 0;
        for (std::int64_t const i : members) {
            if (classes_ > 0)
                sums[static_cast<std::size_t>(label(i))] += weight(i);
            else
                sums[0] += weight(i) * label(i);
            total += weight(i);
        }
        for (double& sum : sums) sum /= total;
        return sums;
    }

    /// Impurity times weight.
    double impurity(Members const& members) const {
        std::vector<double> const value = value_of(members);
        double sum = 0;
        for (std::int64_t const i : members) {
            if (classes_ == 0) {
                sum += weight(i) * (label(i) - value[0]) * (label(i) - value[0]);
                continue;
            }
            sum += weight(i) * (1 - value[static_cast<std::size_t>(label(i))]);
        }
        return sum;
    }

    std::size_t grow(Members const& members, int depth) {
        std::size_t const at = nodes_.size();
        nodes_.push_back({-1, 0, 0, 0, value_of(members)});
        if (depth == 0) return at;
        double best = 1e-9;
        Members best_left, best_right;
        for (std::int64_t j = 0; j < rows_.d; ++j) {
            std::vector<double> values;
            for (std::int64_t const i : members) values.push_back(rows_.at(i, j));
            std::sort(values.begin(), values.end());
            values.erase(std::unique(values.begin(), values.end()), values.end());
            for (std::size_t v = 0; v + 1 < values.size(); ++v) {
                Members left, right;
                for (std::int64_t const i : members)
                    (rows_.at(i, j) <= values[v] ? left : right).push_back(i);
                if (std::ssize(left) < min_leaf_ || std::ssize(right) < min_leaf_) continue;
                double const gain = impurity(members) - impurity(left) - impurity(right);
                if (gain <= best * (1 + 1e-9)) continue;
                best = gain;
                nodes_[at].feature = j;
                nodes_[at].threshold = values[v];
                best_left = left;
                best_right = right;
            }
        }
        if (nodes_[at].feature < 0) return at;
        std::size_t const left = grow(best_left, depth - 1), right = grow(best_right, depth - 1);
        nodes_[at].left = left;
        nodes_[at].right = right;
        return at;
    }

    Rows const& rows_;
    int classes_;
    std::int64_t min_leaf_;
    std::vector<Node> nodes_;
};

}  // namespace partita::test
