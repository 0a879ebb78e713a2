// Fits and predictions on rows in memory, float64. Usage: ml_fit_bench [millions of rows]
// [repetitions] [tasks, moments,linear,...]; JSON lines on stdout. bench/compare/sklearn_compare
// does the same with scikit-learn.

#include "rows.hpp"

#include "partita/comm/run_app.hpp"
#include "partita/ml/kmeans.hpp"
#include "partita/ml/linear_regression.hpp"
#include "partita/ml/logistic_regression.hpp"
#include "partita/ml/moments.hpp"
#include "partita/ml/predictor.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace partita;
using namespace partita::bench;

int run(Communicator const& comm, double millions, int repetitions, std::string const& tasks) {
    auto const n = static_cast<std::int64_t>(millions * 1e6);
    Rows const rows(comm, n);
    ml::DenseTrainingSet const plain(comm, rows.x.view());
    ml::DenseTrainingSet const scored(comm, rows.x.view(), rows.score);
    ml::DenseTrainingSet const chosen(comm, rows.x.view(), rows.choice);
    auto const run_task = [&](std::string const& name, double passes, auto const& work) {
        if (tasks.empty() || (',' + tasks + ',').find(',' + name + ',') != std::string::npos)
            measure(comm, name.c_str(), n, repetitions, passes, work);
    };
    run_task("moments", 1, [&] { ml::column_moments(comm, plain); });
    run_task("linear", 1, [&] { ml::fit_linear_regression(comm, scored); });
    ml::LogisticRegressionFit fit = ml::fit_logistic_regression(comm, chosen);
    run_task("logistic", fit.summary.iterations + 2,
             [&] { fit = ml::fit_logistic_regression(comm, chosen); });
    ml::KMeansOptions kmeans{.clusters = 20, .max_iterations = 20, .tolerance = 0};
    kmeans.start = ml::KMeansStart::random;
    run_task("kmeans", 21, [&] { ml::fit_kmeans(comm, plain, kmeans); });
    std::vector<double> probabilities(static_cast<std::size_t>(2 * rows.x.rows()));
    run_task("predict_proba", 1, [&] {
#pragma omp parallel
        {
            RowRange const part =
                share_of(rows.x.rows(), omp_get_num_threads(), omp_get_thread_num());
            fit.model.predict_probabilities(rows.x.view().slice(part.first, part.last),
                                            probabilities.data() + 2 * part.first);
        }
    });
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    double const millions = argc > 1 ? std::atof(argv[1]) : 1;
    int const repetitions = argc > 2 ? std::max(1, std::atoi(argv[2])) : 5;
    std::string const tasks = argc > 3 ? argv[3] : "";
    return run_app(argc, argv, [&](Communicator const& comm) {
        return run(comm, millions, repetitions, tasks);
    });
}
