#include "ml/trees/grow_tree.hpp"

#include "ml/element.hpp"
#include "ml/trees/divide_rows.hpp"
#include "ml/trees/for_blocks.hpp"
#include "ml/trees/level_histograms.hpp"

#include "partita/core/random.hpp"

#include <algorithm>
#include <numeric>

namespace partita::ml {

namespace {

class Grower {
  public:
    Grower(Communicator const& comm, BinnedRows const& rows, RowStatistics& statistics,
           GrowRules const& rules, std::uint64_t stream)
        : comm_(comm),
          rows_(rows),
          statistics_(statistics),
          rules_(rules),
          stream_(stream),
          histograms_(comm, rows, statistics, rules) {}

    GrownTree run() {
        grown_.gains.resize(static_cast<std::size_t>(rows_.features()), 0.0);
        add_node();
        GrowingNode root;
        root.rows = {0, std::ssize(statistics_.order)};
        root.sums = root_sums();
        Level level;
        if (may_split(root, 0))
            level.push_back(std::move(root));
        else
            make_leaf(root);
        for (int depth = 0; !level.empty(); ++depth) level = grow_level(std::move(level), depth);
        return std::move(grown_);
    }

  private:
    std::int32_t add_node() {
        grown_.tree.nodes.emplace_back();
        grown_.bins.push_back(0);
        return static_cast<std::int32_t>(grown_.tree.nodes.size() - 1);
    }

    std::vector<std::int64_t> root_sums() const {
        std::vector<std::int64_t> sums(static_cast<std::size_t>(statistics_.channels()), 0);
        for (std::uint32_t const row : statistics_.order) {
            std::uint64_t packed = 0;
            if (statistics_.classes > 0) {
                packed = statistics_.weights[row];
                sums[statistics_.labels[row]] += WeightAndCount::weight(packed);
            } else {
                packed = static_cast<std::uint64_t>(statistics_.gradients[row][1]);
                sums[0] += statistics_.gradients[row][0];
                sums[1] += WeightAndCount::weight(packed);
            }
            ++sums.back();
        }
        comm_.all_reduce(std::span(sums), Reduce::sum);
        return sums;
    }

    bool may_split(GrowingNode const& node, int depth) const {
        return depth < rules_.max_depth &&
               statistics_.count_of(node.sums) >=
                   std::max<std::int64_t>(2, 2 * rules_.split.min_leaf_rows);
    }

    void make_leaf(GrowingNode const& node) {
        at(grown_.tree.nodes, node.node).child = static_cast<std::int32_t>(grown_.leaf_rows.size());
        grown_.leaf_rows.push_back(node.rows);
        grown_.leaf_sums.insert(grown_.leaf_sums.end(), node.sums.begin(), node.sums.end());
    }

    /// A node's features: rules_.node_features of all, ascending.
    void draw_features(GrowingNode& node) const {
        std::int64_t const d = rows_.features();
        if (rules_.node_features <= 0 || rules_.node_features >= d) return;
        RandomStream random(stream_, static_cast<std::uint64_t>(node.node));
        std::vector<std::int32_t> all(static_cast<std::size_t>(d));
        std::iota(all.begin(), all.end(), 0);
        for (std::int64_t i = 0; i < rules_.node_features; ++i)
            std::swap(at(all, i), at(all, i + static_cast<std::int64_t>(random.below(
                                                  static_cast<std::uint64_t>(d - i)))));
        all.resize(static_cast<std::size_t>(rules_.node_features));
        std::sort(all.begin(), all.end());
        node.features = std::move(all);
    }

    Level grow_level(Level level, int depth) {
        for (GrowingNode& node : level) draw_features(node);
        std::vector<Split> const splits = histograms_.find_splits(level);
        std::vector<std::int64_t> const lefts = divide(level, splits);
        Level next;
        std::size_t divided = 0;
        for (std::size_t i = 0; i < level.size(); ++i) {
            if (!level[i].scan) continue;
            if (splits[i].feature < 0)
                make_leaf(level[i]);
            else
                add_children(level[i], splits[i], lefts[divided++], depth + 1,
                             static_cast<std::int64_t>(i), next);
        }
        return next;
    }

    std::vector<std::int64_t> divide(Level const& level, std::vector<Split> const& splits) {
        std::vector<Division> divisions;
        for (std::size_t i = 0; i < level.size(); ++i)
            if (level[i].scan && splits[i].feature >= 0)
                divisions.push_back({level[i].rows, rows_.column(splits[i].feature),
                                     static_cast<std::uint8_t>(splits[i].bin)});
        return divide_rows(statistics_.order, divisions, rules_.threads);
    }

    void add_children(GrowingNode const& parent, Split const& split, std::int64_t left_rows,
                      int depth, std::int64_t place, Level& next) {
        at(grown_.gains, split.feature) += split.gain;
        at(grown_.bins, parent.node) = static_cast<std::uint8_t>(split.bin);
        GrowingNode left, right;
        left.node = add_node();
        right.node = add_node();
        Tree::Node& node = at(grown_.tree.nodes, parent.node);
        node = {at(at(rows_.edges().of_feature, split.feature), split.bin), split.feature,
                left.node};
        std::int64_t const middle = parent.rows.first + left_rows;
        left.rows = {parent.rows.first, middle};
        right.rows = {middle, parent.rows.last};
        left.sums = split.left;
        right.sums = parent.sums;
        for (std::size_t c = 0; c < right.sums.size(); ++c) right.sums[c] -= left.sums[c];
        left.scan = may_split(left, depth);
        right.scan = may_split(right, depth);
        if (!left.scan) make_leaf(left);
        if (!right.scan) make_leaf(right);
        if (!left.scan && !right.scan) return;
        bool const left_smaller =
            statistics_.count_of(left.sums) <= statistics_.count_of(right.sums);
        add_pair(std::move(left_smaller ? left : right), std::move(left_smaller ? right : left),
                 place, next);
    }

    /// The larger one is its parent less the smaller one, where the parent is still there.
    void add_pair(GrowingNode smaller, GrowingNode larger, std::int64_t parent, Level& next) const {
        if (larger.scan && histograms_.keeps()) {
            larger.parent = parent;
            next.push_back(std::move(smaller));
            next.push_back(std::move(larger));
            return;
        }
        if (smaller.scan) next.push_back(std::move(smaller));
        if (larger.scan) next.push_back(std::move(larger));
    }

    Communicator const& comm_;
    BinnedRows const& rows_;
    RowStatistics& statistics_;
    GrowRules const& rules_;
    std::uint64_t stream_;
    LevelHistograms histograms_;
    GrownTree grown_;
};

}  // namespace

GrownTree grow_tree(Communicator const& comm, BinnedRows const& rows, RowStatistics& statistics,
                    GrowRules const& rules, std::uint64_t stream) {
    return Grower(comm, rows, statistics, rules, stream).run();
}

}  // namespace partita::ml
