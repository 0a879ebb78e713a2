#pragma once

#include "partita/ml/tree_ensemble.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace partita::ml {

/// How trees grow, level by level, on features cut into bins.
struct TreeOptions {
    /// Classes of the labels 0 .. classes - 1; 0 = regression.
    std::int64_t classes = 0;
    int max_depth = 5;               ///< 0 .. 30; a tree of depth 0 is one leaf.
    std::int64_t max_bins = 255;     ///< Of a feature, 2 .. 256.
    std::int64_t min_leaf_rows = 1;  ///< Rows in each leaf at least.
    /// A split must lower the impurity (Gini, variance, or the boosted loss) of a node by as much,
    /// per row.
    double min_gain = 0;
    std::uint64_t seed = 0;
    std::int64_t histogram_bytes = std::int64_t{256} << 20;  ///< Nodes are taken in turns within.
    int threads = 0;                                         ///< 0 = OpenMP's default.
};

struct ForestOptions : TreeOptions {
    std::int64_t trees = 100;
    /// Features that a node chooses from, drawn anew for each; 0 = the root of their number for
    /// classification, a third for regression.
    std::int64_t node_features = 0;
    /// With bootstrap a row takes part in a tree Poisson(sample_rate) times, else with that chance.
    bool bootstrap = true;
    double sample_rate = 1;
};

struct BoostingOptions : TreeOptions {
    BoostingOptions() { min_leaf_rows = 20; }
    std::int64_t rounds = 100;
    double learning_rate = 0.1;
    double l2 = 0;         ///< Added to the sum of second derivatives of a leaf.
    double subsample = 1;  ///< Share of rows that a round's trees learn from.
    double tolerance = 0;  ///< Stop when a round lowers the loss by less than this share of it.
};

struct TreeFit {
    TreeEnsemble model;
    std::int64_t rows = 0;
    /// Boosting: the mean loss (half the squared error, or log loss) before the first round and
    /// after each.
    std::vector<double> loss_history;
    std::vector<std::string> warnings;
};

/// One tree that looks at all rows and features.
///
/// Collective. Features are cut at quantiles of a sample (all rows up to 200,000, then about as
/// many). Histograms of a level hold integers, counts and sums in fixed point: ranks add them in
/// any order, each for a share of the features, and agree on the best split of each node (ties to
/// the smaller feature, then threshold). So a tree has the same bits for any number of ranks and
/// threads. A node's larger child is its histogram less the smaller one's.
/// @throws CollectiveError: no rows, no labels, a label that is no class number, bad options.
TreeFit fit_tree(Communicator const& comm, TrainingSet const& set, TreeOptions const& options);

/// Breiman's random forest: rows drawn for each tree and features for each node, by streams of
/// (seed, tree, row or node). Collective; as fit_tree.
TreeFit fit_forest(Communicator const& comm, TrainingSet const& set, ForestOptions const& options);

/// Gradient boosting by second derivatives (Friedman 2001; Chen and Guestrin 2016): squared error
/// for regression, log loss for two classes, and for more a tree a class in each round.
///
/// Collective; as fit_tree. Splits need a sum of second derivatives of at least .001 on each side.
TreeFit fit_boosted_trees(Communicator const& comm, TrainingSet const& set,
                          BoostingOptions const& options);

}  // namespace partita::ml
