#include "ml/trees/block_sums.hpp"
#include "ml/trees/boosted_loss.hpp"
#include "ml/trees/tree_setup.hpp"

#include "partita/core/hash.hpp"
#include "partita/core/random.hpp"

#include <algorithm>
#include <cmath>

namespace partita::ml {

namespace {

constexpr std::uint64_t round_stream = 0x726f756e;
constexpr double least_curvature = 1e-3;  // in a leaf

class Boosting {
  public:
    Boosting(Communicator const& comm, TrainingSet const& set, BoostingOptions const& options)
        : comm_(comm),
          set_(set),
          options_(options),
          rows_(bin_rows(comm, set, options)),
          loss_(comm, set.blocking(), rows_, options.classes, options.threads) {}

    TreeFit run() {
        if (options_.classes > 0) check_class_labels(comm_, rows_, options_.classes, "gbt");
        fit_.rows = set_.rows();
        TreeEnsemble& model = fit_.model;
        model.kind = "gbt";
        model.features = set_.features();
        model.classes = options_.classes;
        model.importances.resize(static_cast<std::size_t>(model.features), 0.0);
        model.base = loss_.start();
        fit_.loss_history.push_back(loss_.update());
        statistics_.gradients.resize(static_cast<std::size_t>(rows_.rows()));
        for (std::int64_t round = 0; round < options_.rounds; ++round)
            if (!add_round(round)) break;
        normalize(model.importances);
        return std::move(fit_);
    }

  private:
    /// False when there is no more to gain.
    bool add_round(std::int64_t round) {
        bool any_split = false;
        choose_rows(round);
        for (std::int64_t k = 0; k < loss_.scores(); ++k) any_split |= add_tree(k);
        if (!any_split) {
            fit_.model.trees.resize(fit_.model.trees.size() -
                                    static_cast<std::size_t>(loss_.scores()));
            fit_.warnings.push_back(
                fmt::format("no split gains anything after {} rounds: stopped", round));
            return false;
        }
        double const before = fit_.loss_history.back();
        fit_.loss_history.push_back(loss_.update());
        return before - fit_.loss_history.back() >= options_.tolerance * std::abs(before) ||
               options_.tolerance == 0;
    }

    /// The rows of a round, ascending.
    void choose_rows(std::int64_t round) {
        std::uint64_t const stream = combine_hashes(combine_hashes(options_.seed, round_stream),
                                                    static_cast<std::uint64_t>(round));
        chosen_.clear();
        for (std::int64_t i = 0; i < rows_.rows(); ++i) {
            auto const row = static_cast<std::uint64_t>(rows_.owned().first + i);
            bool const drawn =
                options_.subsample >= 1 || RandomStream(stream, row).uniform() < options_.subsample;
            if (drawn && rows_.weight(i) > 0) chosen_.push_back(static_cast<std::uint32_t>(i));
        }
    }

    /// Whether it has a split.
    bool add_tree(std::int64_t score) {
        statistics_.order = chosen_;
        loss_.set_statistics(score, statistics_);
        GrowRules rules = rules_of(options_);
        rules.split.l2 = options_.l2;
        rules.split.min_leaf_weight = least_curvature;
        rules.split.gain_factor = 0.5;
        GrownTree grown = grow_tree(comm_, rows_, statistics_, rules, 0);
        bool const split = grown.tree.nodes.size() > 1;
        set_values(grown);
        add_to_scores(grown, score);
        for (std::size_t j = 0; j < grown.gains.size(); ++j)
            fit_.model.importances[j] += grown.gains[j];
        fit_.model.trees.push_back(std::move(grown.tree));
        return split;
    }

    void set_values(GrownTree& grown) const {
        bool const split = grown.tree.nodes.size() > 1;
        for (std::size_t leaf = 0; leaf * 3 < grown.leaf_sums.size(); ++leaf) {
            double const gradient =
                static_cast<double>(grown.leaf_sums[leaf * 3]) * statistics_.gradient_unit;
            double const curvature =
                static_cast<double>(grown.leaf_sums[leaf * 3 + 1]) * statistics_.weight_unit;
            // A round without splits is dropped; until then it must not move anything.
            bool const defined = split && curvature + options_.l2 > 0;
            grown.tree.values.push_back(
                defined ? -options_.learning_rate * gradient / (curvature + options_.l2) : 0.0);
        }
    }

    void add_to_scores(GrownTree const& grown, std::int64_t score) {
        if (grown.tree.nodes.size() == 1) return;
        if (std::ssize(statistics_.order) == rows_.rows()) {
            for_parallel(0, std::ssize(grown.leaf_rows), options_.threads, [&](std::int64_t leaf) {
                RowRange const rows = grown.leaf_rows[static_cast<std::size_t>(leaf)];
                double const value = grown.tree.values[static_cast<std::size_t>(leaf)];
                for (std::int64_t i = rows.first; i < rows.last; ++i)
                    loss_.add(statistics_.order[static_cast<std::size_t>(i)], score, value);
            });
            return;
        }
        RowRange const blocks = set_.blocking().blocks_of(comm_.rank(), comm_.size());
        for_parallel(blocks.first, blocks.last, options_.threads, [&](std::int64_t b) {
            RowRange const block = set_.blocking().block(b);
            for (std::int64_t row = block.first; row < block.last; ++row) {
                std::int64_t const i = row - rows_.owned().first;
                loss_.add(i, score,
                          grown.tree.values[static_cast<std::size_t>(grown.leaf_of(rows_.row(i)))]);
            }
        });
    }

    Communicator const& comm_;
    TrainingSet const& set_;
    BoostingOptions const& options_;
    BinnedRows rows_;
    BoostedLoss loss_;
    RowStatistics statistics_;
    std::vector<std::uint32_t> chosen_;
    TreeFit fit_;
};

}  // namespace

TreeFit fit_boosted_trees(Communicator const& comm, TrainingSet const& set,
                          BoostingOptions const& options) {
    check_tree_input(set, options, "gbt");
    check_everywhere(options.rounds >= 1, "gbt: expected at least 1 round, got {}", options.rounds);
    check_everywhere(options.learning_rate > 0, "gbt: expected a learning rate above 0, got {}",
                     options.learning_rate);
    check_everywhere(options.subsample > 0 && options.subsample <= 1,
                     "gbt: expected a subsample above 0 and at most 1, got {}", options.subsample);
    check_everywhere(options.l2 >= 0, "gbt: expected l2 of at least 0, got {}", options.l2);
    return Boosting(comm, set, options).run();
}

}  // namespace partita::ml
