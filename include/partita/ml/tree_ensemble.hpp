#pragma once

#include "partita/ml/training_set.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace partita::ml {

/// A binary decision tree. Node 0 is the root; a node's right child follows its left one.
struct Tree {
    struct Node {
        double threshold = 0;       ///< x[feature] <= threshold goes left, all else right.
        std::int32_t feature = -1;  ///< -1 = a leaf.
        std::int32_t child = 0;     ///< The left child's number; of a leaf its row in `values`.
    };
    std::vector<Node> nodes;
    std::vector<double> values;  ///< leaves x outputs.

    /// The row in `values` that a row of features arrives at.
    std::int32_t leaf_of(double const* x) const {
        Node const* node = nodes.data();
        while (node->feature >= 0)
            node = nodes.data() + node->child + (x[node->feature] <= node->threshold ? 0 : 1);
        return node->child;
    }
    std::int64_t leaves() const;
    int depth() const;  ///< 0 for a single leaf.
};

/// One tree, a forest whose trees vote, or boosted trees that add up.
struct TreeEnsemble {
    std::string kind;           ///< "tree", "forest" or "gbt".
    std::int64_t features = 0;  ///< Numbers of a row.
    std::int64_t classes = 0;   ///< 0 = regression.
    std::vector<Tree> trees;
    /// Boosted trees only: what their sums start from, a number for each score. Tree t adds to
    /// score t % base.size(). Two classes have one score, the log odds of class 1; more have one
    /// each, the log of a probability but for a constant.
    std::vector<double> base;
    /// How much each feature gained over all splits; they sum to 1 (or 0 without splits).
    std::vector<double> importances;

    /// Numbers of a leaf: the probability of each class, or one number.
    std::int64_t outputs() const { return boosted() || classes == 0 ? 1 : classes; }
    bool boosted() const { return kind == "gbt"; }

    /// A value for each row, or rows x classes probabilities. Rank-local.
    void predict(Reals x, double* out) const;
    /// What a person reads: size, importances, and the branches of a single small tree.
    std::string describe(std::vector<std::string> const& feature_names) const;
    /// @throws Error: children that do not come after their parents, features or rows of values
    /// that do not exist.
    void check_shape() const;
};

}  // namespace partita::ml
