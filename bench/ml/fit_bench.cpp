// Fits and predictions on rows in memory, float64. Usage: ml_fit_bench [millions of rows]
// [repetitions] [tasks, moments,linear,...] [tolerance of logistic's gradient]; JSON lines on
// stdout. bench/compare/sklearn_compare does the same with scikit-learn.

#include "rows.hpp"

#include "partita/comm/run_app.hpp"
#include "partita/ml/kmeans.hpp"
#include "partita/ml/linear_regression.hpp"
#include "partita/ml/logistic_regression.hpp"
#include "partita/ml/moments.hpp"
#include "partita/ml/predictor.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace partita;
using namespace partita::bench;

/// The largest element of the mean loss's gradient: how far from the optimum a fit has stopped.
double largest_gradient(Communicator const& comm, Rows const& rows, std::int64_t n,
                        ml::LogisticModel const& model) {
    std::vector<double> p(static_cast<std::size_t>(2 * rows.x.rows()));
    model.predict_probabilities(rows.x.view(), p.data());
    std::vector<double> gradient(features + 1, 0.0);
    for (std::int64_t i = 0; i < rows.x.rows(); ++i) {
        auto const at = static_cast<std::size_t>(i);
        double const factor = (p[2 * at + 1] - rows.choice[at]) / static_cast<double>(n);
        for (std::int64_t j = 0; j < features; ++j)
            gradient[static_cast<std::size_t>(j)] += factor * rows.x.row(i)[j];
        gradient.back() += factor;
    }
    comm.all_reduce(std::span(gradient), Reduce::sum);
    double largest = 0;
    for (double const g : gradient) largest = std::max(largest, std::abs(g));
    return largest;
}

int run(Communicator const& comm, double millions, int repetitions, std::string const& tasks,
        double tolerance) {
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
    ml::LogisticRegressionOptions logistic;
    logistic.tolerance = tolerance;
    ml::LogisticRegressionFit fit = ml::fit_logistic_regression(comm, chosen, logistic);
    run_task("logistic", fit.summary.iterations + 2,
             [&] { fit = ml::fit_logistic_regression(comm, chosen, logistic); });
    double const gradient = largest_gradient(comm, rows, n, fit.model);
    if (comm.is_root()) fmt::print("{{\"largest_gradient\":{:.3g}}}\n", gradient);
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
    double const tolerance = argc > 4 ? std::atof(argv[4]) : 1e-10;
    return run_app(argc, argv, [&](Communicator const& comm) {
        return run(comm, millions, repetitions, tasks, tolerance);
    });
}
