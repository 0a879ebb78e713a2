// Fits and predictions on rows in memory, float64. Usage: ml_fit_bench [millions of rows]
// [repetitions]; JSON lines on stdout. bench/compare/sklearn_compare does the same with
// scikit-learn.

#include "partita/comm/run_app.hpp"
#include "partita/core/random.hpp"
#include "partita/ml/kmeans.hpp"
#include "partita/ml/linear_regression.hpp"
#include "partita/ml/logistic_regression.hpp"
#include "partita/ml/moments.hpp"
#include "partita/ml/predictor.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <vector>

#include <fmt/core.h>
#include <omp.h>

namespace {

using namespace partita;

constexpr std::int64_t features = 20;

/// This rank's rows of uniform features, with a score that a third of them does not enter.
struct Rows {
    ml::RealMatrix x;
    std::vector<double> score, choice;

    Rows(Communicator const& comm, std::int64_t n) {
        RowRange const mine = ml::Blocking(n).rows_of(comm.rank(), comm.size());
        x = ml::RealMatrix(mine.size(), features);
        for (std::int64_t row = mine.first; row < mine.last; ++row) {
            RandomStream random(1, static_cast<std::uint64_t>(row));
            double* const values = x.row(row - mine.first);
            double sum = 0;
            for (std::int64_t j = 0; j < features; ++j) {
                values[j] = 2 * random.uniform() - 1;
                sum += values[j] * static_cast<double>(j % 3 - 1);
            }
            double const noise = random.uniform();
            score.push_back(sum + noise);
            choice.push_back(noise < 1 / (1 + std::exp(-sum)));
        }
    }
};

/// Best and median of so many runs that all ranks start together.
void measure(Communicator const& comm, char const* name, std::int64_t n, int repetitions,
             double passes, std::function<void()> const& work) {
    std::vector<double> seconds;
    work();  // warm: pages, kernels
    for (int i = 0; i < repetitions; ++i) {
        comm.barrier();
        double const start = MPI_Wtime();
        work();
        seconds.push_back(comm.all_reduce(MPI_Wtime() - start, Reduce::max));
    }
    std::sort(seconds.begin(), seconds.end());
    double const bytes = static_cast<double>(n * features * 8) * passes;
    if (comm.is_root())
        fmt::print(R"({{"name":"ml.{}","rows":{},"features":{},"ranks":{},"threads":{},)"
                   R"("seconds_min":{:.4f},"seconds_median":{:.4f},"gb_per_s_read":{:.2f}}})"
                   "\n",
                   name, n, features, comm.size(), omp_get_max_threads(), seconds.front(),
                   seconds[seconds.size() / 2], bytes / seconds.front() / 1e9);
}

int run(Communicator const& comm, double millions, int repetitions) {
    auto const n = static_cast<std::int64_t>(millions * 1e6);
    Rows const rows(comm, n);
    ml::DenseTrainingSet const plain(comm, rows.x.view());
    ml::DenseTrainingSet const scored(comm, rows.x.view(), rows.score);
    ml::DenseTrainingSet const chosen(comm, rows.x.view(), rows.choice);
    measure(comm, "moments", n, repetitions, 1, [&] { ml::column_moments(comm, plain); });
    measure(comm, "linear", n, repetitions, 1, [&] { ml::fit_linear_regression(comm, scored); });
    ml::LogisticRegressionFit fit;
    measure(comm, "logistic", n, repetitions, 7,
            [&] { fit = ml::fit_logistic_regression(comm, chosen); });
    ml::KMeansOptions kmeans{.clusters = 20, .max_iterations = 20, .tolerance = 0};
    kmeans.start = ml::KMeansStart::random;
    measure(comm, "kmeans", n, repetitions, 21, [&] { ml::fit_kmeans(comm, plain, kmeans); });
    std::vector<double> probabilities(static_cast<std::size_t>(2 * rows.x.rows()));
    auto const blocks = (rows.x.rows() + 4095) / 4096;
    measure(comm, "predict_proba", n, repetitions, 1, [&] {
#pragma omp parallel for schedule(dynamic, 8)
        for (std::int64_t b = 0; b < blocks; ++b) {
            std::int64_t const first = b * 4096, last = std::min(first + 4096, rows.x.rows());
            fit.model.predict_probabilities(rows.x.view().slice(first, last),
                                            probabilities.data() + 2 * first);
        }
    });
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    double const millions = argc > 1 ? std::atof(argv[1]) : 1;
    int const repetitions = argc > 2 ? std::max(1, std::atoi(argv[2])) : 5;
    return run_app(argc, argv,
                   [&](Communicator const& comm) { return run(comm, millions, repetitions); });
}
