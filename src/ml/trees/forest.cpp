#include "ml/trees/block_sums.hpp"
#include "ml/trees/tree_setup.hpp"

#include "partita/core/hash.hpp"
#include "partita/core/random.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>

namespace partita::ml {

namespace {

constexpr std::uint64_t rows_stream = 0x726f7773, features_stream = 0x66656174;
constexpr int most_draws = 16;  // Poisson(1) exceeds it once in 10^15 rows

class ForestFit {
  public:
    ForestFit(Communicator const& comm, TrainingSet const& set, ForestOptions const& options,
              char const* kind)
        : comm_(comm),
          set_(set),
          options_(options),
          kind_(kind),
          rows_(bin_rows(comm, set, options)) {}

    TreeFit run() {
        if (options_.classes > 0) check_class_labels(comm_, rows_, options_.classes, kind_);
        prepare();
        TreeFit fit;
        fit.rows = set_.rows();
        TreeEnsemble& model = fit.model;
        model.kind = kind_;
        model.features = set_.features();
        model.classes = options_.classes;
        model.importances.resize(static_cast<std::size_t>(model.features), 0.0);
        for (std::int64_t t = 0; t < options_.trees; ++t) add_tree(t, model);
        normalize(model.importances);
        return fit;
    }

  private:
    /// Two classes are a regression on the label's being 1.
    bool by_gradients() const { return options_.classes <= 2; }

    void prepare() {
        auto const add_label = [&](RowRange rows, std::span<double> sums) {
            for (std::int64_t row = rows.first; row < rows.last; ++row) {
                std::int64_t const i = row - rows_.owned().first;
                sums[0] += rows_.weight(i);
                sums[1] += rows_.weight(i) * rows_.label(i);
            }
        };
        std::vector<double> const sums =
            block_sums(comm_, set_.blocking(), 2, options_.threads, add_label);
        check_everywhere(sums[0] > 0, "{}: expected rows with positive weight, got none", kind_);
        centre_ = options_.classes == 2 ? 0 : sums[1] / sums[0];
        double largest = 0;
        for (std::int64_t i = 0; i < rows_.rows(); ++i)
            largest = std::max(largest, rows_.weight(i) * std::abs(rows_.label(i) - centre_));
        largest = comm_.all_reduce(largest, Reduce::max);
        double const draws = draws_many() ? most_draws : 1;
        statistics_.classes = by_gradients() ? 0 : options_.classes;
        statistics_.weight_unit =
            unit_for(rows_.largest_weight() * draws, WeightAndCount::weight_bits);
        statistics_.gradient_unit = unit_for(largest * draws, gradient_bits(set_.rows()));
        auto const n = static_cast<std::size_t>(rows_.rows());
        if (by_gradients())
            statistics_.gradients.resize(n);
        else
            statistics_.weights.resize(n), statistics_.labels.resize(n);
    }

    bool draws_many() const { return options_.bootstrap; }

    /// How many times a row takes part.
    int draws_of(std::uint64_t stream, std::int64_t row) const {
        if (!options_.bootstrap && options_.sample_rate >= 1) return 1;
        double const chance = RandomStream(stream, static_cast<std::uint64_t>(row)).uniform();
        if (!options_.bootstrap) return chance < options_.sample_rate ? 1 : 0;
        // The number whose cumulative probability passes `chance`.
        double term = std::exp(-options_.sample_rate), sum = term;
        int draws = 0;
        while (chance >= sum && draws < most_draws) {
            ++draws;
            term *= options_.sample_rate / draws;
            sum += term;
        }
        return draws;
    }

    void draw_rows(std::int64_t tree) {
        std::uint64_t const stream = combine_hashes(combine_hashes(options_.seed, rows_stream),
                                                    static_cast<std::uint64_t>(tree));
        std::int64_t const parts = std::max(1, thread_count(options_.threads));
        std::vector<std::vector<std::uint32_t>> taken(static_cast<std::size_t>(parts));
        for_parallel(0, parts, options_.threads, [&](std::int64_t part) {
            RowRange const share = share_of(rows_.rows(), parts, part);
            for (std::int64_t i = share.first; i < share.last; ++i) {
                int const draws = draws_of(stream, rows_.owned().first + i);
                if (draws == 0 || rows_.weight(i) == 0) continue;
                set_row(i, draws * rows_.weight(i));
                taken[static_cast<std::size_t>(part)].push_back(static_cast<std::uint32_t>(i));
            }
        });
        statistics_.order.clear();
        for (auto const& rows : taken)
            statistics_.order.insert(statistics_.order.end(), rows.begin(), rows.end());
    }

    void set_row(std::int64_t i, double weight) {
        auto const at = static_cast<std::size_t>(i);
        std::uint64_t const packed = WeightAndCount::of(to_fixed(weight, statistics_.weight_unit));
        if (!by_gradients()) {
            statistics_.weights[at] = packed;
            statistics_.labels[at] = static_cast<std::uint16_t>(rows_.label(i));
            return;
        }
        statistics_.gradients[at] =
            GradientCell{to_fixed(weight * (rows_.label(i) - centre_), statistics_.gradient_unit),
                         static_cast<long long>(packed)};
    }

    void add_tree(std::int64_t t, TreeEnsemble& model) {
        draw_rows(t);
        GrowRules rules = rules_of(options_);
        rules.node_features = options_.node_features;
        rules.split.gain_factor = options_.classes == 2 ? 2 : 1;  // Gini's is twice the variance
        std::uint64_t const stream = combine_hashes(combine_hashes(options_.seed, features_stream),
                                                    static_cast<std::uint64_t>(t));
        GrownTree grown = grow_tree(comm_, rows_, statistics_, rules, stream);
        set_values(grown);
        normalize(grown.gains);
        for (std::size_t j = 0; j < grown.gains.size(); ++j) model.importances[j] += grown.gains[j];
        model.trees.push_back(std::move(grown.tree));
    }

    void set_values(GrownTree& grown) const {
        auto const channels = static_cast<std::size_t>(statistics_.channels());
        for (std::size_t leaf = 0; leaf * channels < grown.leaf_sums.size(); ++leaf) {
            std::span const sums = std::span(grown.leaf_sums).subspan(leaf * channels, channels);
            double const weight = statistics_.weight_of(sums);
            auto const share = [&](std::int64_t sum, double unit) {
                return weight > 0 ? static_cast<double>(sum) * unit / weight : 0.0;
            };
            std::vector<double>& values = grown.tree.values;
            if (!by_gradients()) {
                for (std::size_t c = 0; c + 1 < channels; ++c)
                    values.push_back(share(sums[c], statistics_.weight_unit));
                continue;
            }
            double const mean = centre_ + share(sums[0], statistics_.gradient_unit);
            if (options_.classes > 0) values.push_back(1 - mean);
            values.push_back(mean);
        }
    }

    Communicator const& comm_;
    TrainingSet const& set_;
    ForestOptions const& options_;
    char const* kind_;
    BinnedRows rows_;
    RowStatistics statistics_;
    double centre_ = 0;
};

}  // namespace

TreeFit fit_tree(Communicator const& comm, TrainingSet const& set, TreeOptions const& options) {
    check_tree_input(set, options, "tree");
    ForestOptions forest;
    static_cast<TreeOptions&>(forest) = options;
    forest.trees = 1;
    forest.bootstrap = false;
    return ForestFit(comm, set, forest, "tree").run();
}

TreeFit fit_forest(Communicator const& comm, TrainingSet const& set, ForestOptions const& options) {
    check_tree_input(set, options, "forest");
    check_everywhere(options.trees >= 1, "forest: expected at least 1 tree, got {}", options.trees);
    check_everywhere(options.sample_rate > 0 && options.sample_rate <= 1,
                     "forest: expected a sample rate above 0 and at most 1, got {}",
                     options.sample_rate);
    check_everywhere(options.node_features >= 0 && options.node_features <= set.features(),
                     "forest: expected 0 to {} features a node, got {}", set.features(),
                     options.node_features);
    ForestOptions full = options;
    if (full.node_features == 0) {
        auto const d = static_cast<double>(set.features());
        full.node_features =
            static_cast<std::int64_t>(std::ceil(options.classes > 0 ? std::sqrt(d) : d / 3));
    }
    return ForestFit(comm, set, full, "forest").run();
}

}  // namespace partita::ml
