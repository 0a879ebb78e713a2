// Boosted trees and forests on rows in memory. Usage: ml_tree_bench [millions of rows]
// [repetitions]; JSON lines on stdout. bench/compare/trees_compare does the same with scikit-learn
// and LightGBM.

#include "rows.hpp"

#include "partita/comm/run_app.hpp"
#include "partita/ml/trees.hpp"

#include <cstdlib>

namespace {

using namespace partita;
using namespace partita::bench;

int run(Communicator const& comm, double millions, int repetitions) {
    auto const n = static_cast<std::int64_t>(millions * 1e6);
    Rows const rows(comm, n);
    ml::DenseTrainingSet const chosen(comm, rows.x.view(), rows.choice);
    ml::DenseTrainingSet const scored(comm, rows.x.view(), rows.score);
    ml::BoostingOptions boosting;
    boosting.max_depth = 6;
    ml::TreeFit fit;
    boosting.classes = 2;
    measure(comm, "gbt_classes", n, repetitions, 1,
            [&] { fit = ml::fit_boosted_trees(comm, chosen, boosting); });
    if (comm.is_root()) fmt::print("{{\"log_loss\":{:.6f}}}\n", fit.loss_history.back());
    boosting.classes = 0;
    measure(comm, "gbt_values", n, repetitions, 1,
            [&] { fit = ml::fit_boosted_trees(comm, scored, boosting); });
    if (comm.is_root())
        fmt::print("{{\"mean_squared_error\":{:.6f}}}\n", 2 * fit.loss_history.back());
    ml::ForestOptions forest;
    forest.classes = 2;
    forest.trees = 20;
    forest.max_depth = 10;
    measure(comm, "forest_classes", n, repetitions, 1,
            [&] { fit = ml::fit_forest(comm, chosen, forest); });
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    double const millions = argc > 1 ? std::atof(argv[1]) : 1;
    int const repetitions = argc > 2 ? std::max(1, std::atoi(argv[2])) : 3;
    return run_app(argc, argv,
                   [&](Communicator const& comm) { return run(comm, millions, repetitions); });
}
