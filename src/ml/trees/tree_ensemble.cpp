#include "partita/ml/tree_ensemble.hpp"

#include "ml/kernels/dense_kernels.hpp"
#include "ml/logistic_loss.hpp"

#include "partita/core/error.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace partita::ml {

namespace {

constexpr std::int64_t rows_at_once = 512;  // stay in the cache while all trees look at them

/// Sums of what the trees say about a few rows: rows x width.
void add_trees(TreeEnsemble const& model, Reals x, std::int64_t width, double* sums) {
    std::int64_t const outputs = model.outputs();
    for (std::size_t t = 0; t < model.trees.size(); ++t) {
        Tree const& tree = model.trees[t];
        double* to = sums;
        if (model.boosted()) to += static_cast<std::int64_t>(t) % width;
        for (std::int64_t i = 0; i < x.rows; ++i, to += width) {
            double const* const leaf =
                tree.values.data() +
                static_cast<std::int64_t>(tree.leaf_of(x.row_data(i))) * outputs;
            for (std::int64_t c = 0; c < outputs; ++c) to[c] += leaf[c];
        }
    }
}

void predict_few(TreeEnsemble const& model, Reals x, double* out) {
    std::int64_t const classes = std::max<std::int64_t>(model.classes, 1);
    if (!model.boosted()) {
        std::fill_n(out, x.rows * classes, 0.0);
        add_trees(model, x, classes, out);
        auto const trees = static_cast<double>(model.trees.size());
        for (std::int64_t i = 0; i < x.rows * classes; ++i) out[i] /= trees;
        return;
    }
    std::int64_t const width = std::ssize(model.base);
    std::vector<double> scores;
    for (std::int64_t i = 0; i < x.rows; ++i)
        scores.insert(scores.end(), model.base.begin(), model.base.end());
    add_trees(model, x, width, scores.data());
    if (classes == 2) return dense_kernels().logistic_pairs(scores.data(), x.rows, out, false);
    if (model.classes > 2) softmax_rows(scores.data(), x.rows, width, width);
    std::copy(scores.begin(), scores.end(), out);
}

void append_branch(Tree const& tree, std::int64_t outputs, std::vector<std::string> const& names,
                   std::int32_t at, int depth, std::string& text) {
    Tree::Node const& node = tree.nodes[static_cast<std::size_t>(at)];
    std::string const indent(static_cast<std::size_t>(2 * depth + 2), ' ');
    if (node.feature < 0) {
        text += indent + "->";
        for (std::int64_t c = 0; c < outputs; ++c)
            text += fmt::format(" {:.6g}",
                                tree.values[static_cast<std::size_t>(node.child * outputs + c)]);
        text += '\n';
        return;
    }
    std::string const& name = names[static_cast<std::size_t>(node.feature)];
    text += fmt::format("{}{} <= {:.6g}\n", indent, name, node.threshold);
    append_branch(tree, outputs, names, node.child, depth + 1, text);
    text += fmt::format("{}{} > {:.6g}\n", indent, name, node.threshold);
    append_branch(tree, outputs, names, node.child + 1, depth + 1, text);
}

}  // namespace

std::int64_t Tree::leaves() const {
    return std::count_if(nodes.begin(), nodes.end(), [](Node const& n) { return n.feature < 0; });
}

int Tree::depth() const {
    std::vector<int> depths(nodes.size(), 0);
    int deepest = 0;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        deepest = std::max(deepest, depths[i]);
        if (nodes[i].feature < 0) continue;
        for (std::int32_t const child : {nodes[i].child, nodes[i].child + 1})
            depths[static_cast<std::size_t>(child)] = depths[i] + 1;
    }
    return deepest;
}

void TreeEnsemble::predict(Reals x, double* out) const {
    check(x.cols == features, "{}: expected rows of {} features, got {}", kind, features, x.cols);
    std::int64_t const width = std::max<std::int64_t>(classes, 1);
    for (std::int64_t first = 0; first < x.rows; first += rows_at_once)
        predict_few(*this, x.slice(first, std::min(first + rows_at_once, x.rows)),
                    out + first * width);
}

std::string TreeEnsemble::describe(std::vector<std::string> const& names) const {
    constexpr std::int64_t most_leaves = 64;
    std::int64_t all_leaves = 0;
    int deepest = 0;
    for (Tree const& tree : trees) {
        all_leaves += tree.leaves();
        deepest = std::max(deepest, tree.depth());
    }
    std::string text = fmt::format("  {} tree{}, {} leaves, depth {} at most\n", trees.size(),
                                   trees.size() == 1 ? "" : "s", all_leaves, deepest);
    std::vector<std::size_t> order;
    for (std::size_t j = 0; j < importances.size() && j < names.size(); ++j)
        if (importances[j] > 0) order.push_back(j);
    std::stable_sort(order.begin(), order.end(),
                     [&](auto a, auto b) { return importances[a] > importances[b]; });
    if (!order.empty()) text += "importance\n";
    for (std::size_t const j : order)
        text += fmt::format("  {:<32} {:>12.6f}\n", names[j], importances[j]);
    if (trees.size() == 1 && all_leaves <= most_leaves) {
        text += classes > 0 && !boosted() ? "tree (-> the probability of each class)\n" : "tree\n";
        append_branch(trees.front(), outputs(), names, 0, 0, text);
    }
    return text;
}

void TreeEnsemble::check_shape() const {
    check(!trees.empty() || boosted(), "expected at least one tree, got none");
    check(!boosted() || std::ssize(base) == (classes > 2 ? classes : 1),
          "'base': expected {} numbers, got {}", classes > 2 ? classes : 1, base.size());
    check(!boosted() || trees.size() % base.size() == 0, "expected a multiple of {} trees, got {}",
          base.size(), trees.size());
    check(importances.empty() || std::ssize(importances) == features,
          "'importances': expected {} numbers, got {}", features, importances.size());
    for (std::size_t t = 0; t < trees.size(); ++t) {
        Tree const& tree = trees[t];
        auto const nodes = std::ssize(tree.nodes);
        check(nodes > 0, "tree {}: expected at least one node", t);
        for (std::int64_t i = 0; i < nodes; ++i) {
            Tree::Node const& node = tree.nodes[static_cast<std::size_t>(i)];
            bool const leaf = node.feature < 0;
            check(leaf ? node.child >= 0 && (node.child + 1) * outputs() <= std::ssize(tree.values)
                       : node.child > i && node.child + 1 < nodes,
                  "tree {}, node {}: expected a {} that exists, got {}", t, i,
                  leaf ? "leaf" : "child after it", node.child);
            check(node.feature < features, "tree {}, node {}: expected one of {} features, got {}",
                  t, i, features, node.feature);
        }
    }
}

}  // namespace partita::ml
