// The exact neighbours of vectors among themselves: each pair scored once for both, against a
// search of all vectors by themselves, which scores it twice. One JSON line per measurement.

#include "knn/self_join.hpp"
#include "synthetic_vectors.hpp"
#include "timing.hpp"

#include "partita/knn/exact_search.hpp"

#include <cstdio>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

namespace partita::bench {
namespace {

struct Settings {
    std::int64_t rows = 100'000, dim = 128, k = 10;
    std::vector<int> threads{1, 2};
    int repeat = 3;
};

void measure(Settings const& settings, int threads) {
    Matrix const rows = SyntheticVectors(settings.dim, 1).rows(0, settings.rows);
    Timing once, twice;
    std::int64_t different = 0;
    for (int i = 0; i < settings.repeat; ++i) {  // in turn: the clock drifts
        knn::RankedNeighbors joined(rows.rows(), settings.k);
        time_once(once, [&] {
            knn::SelfJoin join(rows.view(), settings.k, knn::Metric::l2, threads);
            join.run({0, join.tasks()}, [] {});
            join.finish({0, rows.rows()}, joined);
        });
        knn::Neighbors searched;
        knn::ExactSearchOptions options;
        options.threads = threads;
        time_once(twice, [&] {
            searched =
                knn::exact_search(rows.view(), rows.view(), settings.k, knn::Metric::l2, options);
        });
        for (std::int64_t j = 0; j < rows.rows() * settings.k; ++j)
            different += joined.data()[j].position != searched.positions.data()[j];
    }
    nlohmann::ordered_json const line = {
        {"name", "self_join"},
        {"rows", settings.rows},
        {"dim", settings.dim},
        {"k", settings.k},
        {"threads", threads},
        {"seconds_median", once.median()},
        {"seconds_min", once.min()},
        {"search_seconds_median", twice.median()},
        {"search_seconds_min", twice.min()},
        {"faster_by", twice.median() / once.median()},
        {"candidate_bytes", settings.rows * knn::SelfJoin::bytes_per_row(settings.k)},
        {"different", different}};
    std::puts(line.dump().c_str());
}

}  // namespace
}  // namespace partita::bench

int main(int argc, char** argv) {
    partita::bench::Settings settings;
    CLI::App app{"Exact neighbours of vectors among themselves: pairs scored once, and twice"};
    app.add_option("--rows", settings.rows, "Vectors");
    app.add_option("--dim", settings.dim, "Dimension");
    app.add_option("-k", settings.k, "Neighbours");
    app.add_option("--threads", settings.threads, "Numbers of threads");
    app.add_option("--repeat", settings.repeat, "Runs of each");
    CLI11_PARSE(app, argc, argv);
    for (int const threads : settings.threads) partita::bench::measure(settings, threads);
}
