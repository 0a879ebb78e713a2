#include "ml/trees/tree_setup.hpp"

#include "ml/trees/for_blocks.hpp"

#include <cmath>

namespace partita::ml {

void check_tree_input(TrainingSet const& set, TreeOptions const& options, char const* what) {
    constexpr int deepest = 30;
    constexpr std::int64_t most_classes = 65'535;
    check_everywhere(set.labelled(), "{}: expected a label for each row, got none", what);
    check_everywhere(set.rows() > 0, "{}: expected rows, got none", what);
    check_everywhere(set.features() > 0, "{}: expected at least one feature, got none", what);
    check_everywhere(options.max_depth >= 0 && options.max_depth <= deepest,
                     "{}: expected a depth of 0 to {}, got {}", what, deepest, options.max_depth);
    check_everywhere(options.max_bins >= 2 && options.max_bins <= 256,
                     "{}: expected 2 to 256 bins, got {}", what, options.max_bins);
    check_everywhere(options.min_leaf_rows >= 1, "{}: expected at least 1 row a leaf, got {}", what,
                     options.min_leaf_rows);
    check_everywhere(
        options.classes != 1 && options.classes >= 0 && options.classes <= most_classes,
        "{}: expected 0 or 2 to {} classes, got {}", what, most_classes, options.classes);
}

void check_class_labels(Communicator const& comm, BinnedRows const& rows, std::int64_t classes,
                        char const* what) {
    collectively(comm, what, [&] {
        for (std::int64_t i = 0; i < rows.rows(); ++i) {
            double const y = rows.label(i);
            if (y != std::floor(y) || y < 0 || y >= static_cast<double>(classes))
                fail("row {}: expected a class number from 0 to {} as label, got {}",
                     rows.owned().first + i, classes - 1, y);
        }
    });
}

BinnedRows bin_rows(Communicator const& comm, TrainingSet const& set, TreeOptions const& options) {
    return {comm, set, find_bin_edges(comm, set, options.max_bins, options.seed, options.threads),
            options.threads};
}

GrowRules rules_of(TreeOptions const& options) {
    GrowRules rules;
    rules.split.min_leaf_rows = options.min_leaf_rows;
    rules.split.min_gain = options.min_gain;
    rules.max_depth = options.max_depth;
    rules.histogram_bytes = options.histogram_bytes;
    rules.threads = options.threads;
    return rules;
}

void normalize(std::vector<double>& importances) {
    double sum = 0;
    for (double const gain : importances) sum += gain;
    if (sum > 0)
        for (double& gain : importances) gain /= sum;
}

}  // namespace partita::ml
