// Exact search against the processor's limit (its peak of fused multiply-adds) and against FAISS's
// IndexFlatL2 as the distribution builds it, with its BLAS as it comes and set best. One JSON line
// per measurement.

#include "fma_peak.hpp"
#include "synthetic_vectors.hpp"
#include "timing.hpp"

#include "partita/core/cpu.hpp"
#include "partita/core/error.hpp"
#include "partita/core/memory.hpp"
#include "partita/knn/exact_search.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

namespace partita::bench {
namespace {

struct Settings {
    std::int64_t base = 500'000, dim = 128;
    std::vector<std::int64_t> queries{4000, 10'000}, k{10, 100};
    std::vector<int> threads{1, 2};
    int repeat = 3, peer_repeat = 2;
    std::string best_blas = "Cooperlake";
    bool peers = true;
    std::string peer_program;
};

struct Run {
    std::int64_t queries, k;
    int threads;
};

struct Measured {
    double seconds, processor_seconds;
    knn::Neighbors neighbors;
};

nlohmann::ordered_json describe(char const* name, Settings const& settings, Run const& run) {
    return {{"name", name},
            {"base", settings.base},
            {"dim", settings.dim},
            {"queries", run.queries},
            {"k", run.k},
            {"ranks", 1},
            {"threads", run.threads}};
}

double gflop(Settings const& settings, Run const& run) {
    return 2e-9 * static_cast<double>(settings.base) * static_cast<double>(settings.dim) *
           static_cast<double>(run.queries);
}

Measured measure_ours(Settings const& settings, Run const& run, Matrix const& base,
                      Matrix const& queries) {
    Measured measured{};
    knn::ExactSearchOptions options;
    options.threads = run.threads;
    Timing timing;
    double peak = 0;
    for (int i = 0; i < settings.repeat; ++i) {  // in turn: the clock drifts
        peak = std::max(peak, fma_peak_per_core(run.threads));
        time_once(timing, [&] {
            measured.neighbors = knn::exact_search(
                base.view(), queries.view().slice(0, run.queries), run.k, knn::Metric::l2, options);
        });
    }
    measured.seconds = timing.min();
    measured.processor_seconds = timing.min_processor();
    double const per_core = gflop(settings, run) / timing.min_processor();
    auto line = describe("exact", settings, run);
    line["cpu"] = to_string(cpu_level());
    line["seconds_min"] = timing.min();
    line["seconds_median"] = timing.median();
    line["processor_seconds_min"] = timing.min_processor();
    line["gflops"] = gflop(settings, run) / timing.min();
    line["gflops_per_core"] = per_core;
    line["peak_gflops_per_core"] = peak;
    line["ratio_to_peak"] = per_core / peak;
    line["peak_memory_bytes"] = peak_resident_bytes();
    std::puts(line.dump().c_str());
    return measured;
}

double share_of_equal_positions(knn::Neighbors const& ours, std::string const& file) {
    std::vector<std::int64_t> theirs(static_cast<std::size_t>(ours.positions.view().size()));
    std::ifstream(file, std::ios::binary)
        .read(reinterpret_cast<char*>(theirs.data()),
              static_cast<std::streamsize>(theirs.size() * sizeof(theirs[0])));
    std::int64_t equal = 0;
    for (std::size_t i = 0; i < theirs.size(); ++i) equal += theirs[i] == ours.positions.data()[i];
    return static_cast<double>(equal) / static_cast<double>(theirs.size());
}

void measure_peer(char const* name, std::string const& environment, Settings const& settings,
                  Run const& run, Measured const& ours) {
    auto const file = std::filesystem::temp_directory_path() /
                      fmt::format("exact_bench_{}.neighbours", ::getpid());
    auto const command =
        fmt::format("env {} OMP_NUM_THREADS={} '{}' {} {} {} {} {} {} '{}'", environment,
                    run.threads, settings.peer_program, settings.base, settings.dim, run.queries,
                    run.k, run.threads, settings.peer_repeat, file.string());
    std::FILE* const pipe = ::popen(command.c_str(), "r");
    check(pipe != nullptr, "cannot run {}", command);
    Timing timing;
    for (double seconds = 0, processor = 0;
         std::fscanf(pipe, "%lf %lf", &seconds, &processor) == 2;) {
        timing.wall.push_back(seconds);
        timing.processor.push_back(processor);
    }
    check(::pclose(pipe) == 0 && !timing.wall.empty(), "{}: failed", command);
    auto line = describe(name, settings, run);
    line["seconds_min"] = timing.min();
    line["seconds_median"] = timing.median();
    line["gflops"] = gflop(settings, run) / timing.min();
    line["processor_seconds_min"] = timing.min_processor();
    line["ours_is_faster_by"] = timing.min() / ours.seconds;
    line["ours_takes_less_processor_by"] = timing.min_processor() / ours.processor_seconds;
    line["equal_positions"] = share_of_equal_positions(ours.neighbors, file);
    std::puts(line.dump().c_str());
    std::filesystem::remove(file);
}

void run_all(Settings const& settings) {
    SyntheticVectors const vectors(settings.dim, 1);
    Matrix const base = vectors.rows(0, settings.base);
    Matrix const queries = vectors.rows(
        settings.base, *std::max_element(settings.queries.begin(), settings.queries.end()));
    for (int const threads : settings.threads) {
        for (std::int64_t const count : settings.queries) {
            for (std::int64_t const k : settings.k) {
                Run const run{count, k, threads};
                Measured const ours = measure_ours(settings, run, base, queries);
                if (!settings.peers) continue;
                measure_peer("faiss_flat_as_it_comes", "-u OPENBLAS_CORETYPE", settings, run, ours);
                measure_peer("faiss_flat_best_blas", "OPENBLAS_CORETYPE=" + settings.best_blas,
                             settings, run, ours);
            }
        }
    }
}

}  // namespace
}  // namespace partita::bench

int main(int argc, char** argv) {
    partita::bench::Settings settings;
    CLI::App app{"Exact nearest neighbours: ours, the limit, FAISS"};
    app.add_option("--base", settings.base, "Base vectors");
    app.add_option("--dim", settings.dim, "Dimension");
    app.add_option("--queries", settings.queries, "Numbers of queries");
    app.add_option("-k", settings.k, "Numbers of neighbours");
    app.add_option("--threads", settings.threads, "Numbers of threads");
    app.add_option("--repeat", settings.repeat, "Runs of ours");
    app.add_option("--peer-repeat", settings.peer_repeat, "Runs of FAISS");
    app.add_option("--best-blas", settings.best_blas, "OPENBLAS_CORETYPE that suits this machine");
    app.add_flag("!--no-peers", settings.peers, "Leave FAISS out");
    CLI11_PARSE(app, argc, argv);
    settings.peer_program =
        std::filesystem::read_symlink("/proc/self/exe").parent_path() / "faiss_flat_peer";
    try {
        partita::bench::run_all(settings);
    } catch (partita::Error const& error) {
        std::fprintf(stderr, "exact_bench: %s\n", error.what());
        return 1;
    }
}
