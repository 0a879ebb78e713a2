// FAISS with our distance kernels against FAISS as the distribution builds it: HNSW and IVF, build
// and search on one thread. One JSON line per index.

#include "synthetic_vectors.hpp"

#include "partita/core/error.hpp"
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
    std::int64_t base = 500'000, dim = 128, queries = 2000;
    int threads = 2, repeat = 1;
    std::vector<std::string> indexes{"HNSW32:efSearch=32", "IVF2828,Flat:nprobe=8"};
    std::filesystem::path folder;  ///< Of the two programs.
    std::filesystem::path dump;    ///< Where bench/compare/hnswlib_compare finds the data.
};

struct Numbers {
    double build = 1e99, build_processor = 1e99, search = 1e99, search_processor = 1e99, recall = 0;

    void keep_best(Numbers const& other) {
        build = std::min(build, other.build);
        build_processor = std::min(build_processor, other.build_processor);
        search = std::min(search, other.search);
        search_processor = std::min(search_processor, other.search_processor);
        recall = std::max(recall, other.recall);
    }
    nlohmann::ordered_json json(std::int64_t queries) const {
        double const per_query = 1e6 / static_cast<double>(queries);
        return {{"build_seconds", build},
                {"build_processor_seconds", build_processor},
                {"search_us_per_query", search * per_query},
                {"search_processor_us_per_query", search_processor * per_query},
                {"recall_at_10", recall}};
    }
};

Numbers run(char const* program, Settings const& settings, std::string const& index,
            std::string const& truth_file) {
    auto const colon = index.find(':');
    auto const command = fmt::format(
        "'{}' '{}' '{}' {} {} {} {} '{}'", (settings.folder / program).string(),
        index.substr(0, colon), colon == std::string::npos ? "" : index.substr(colon + 1),
        settings.base, settings.dim, settings.queries, settings.threads, truth_file);
    std::FILE* const pipe = ::popen(command.c_str(), "r");
    check(pipe != nullptr, "cannot run {}", command);
    Numbers n;
    int const read = std::fscanf(pipe, "%lf %lf %lf %lf %lf", &n.build, &n.build_processor,
                                 &n.search, &n.search_processor, &n.recall);
    check(::pclose(pipe) == 0 && read == 5, "{}: failed", command);
    return n;
}

/// Rows and columns as uint32, then the numbers.
void write_fbin(std::filesystem::path const& file, Matrix const& rows) {
    std::uint32_t const shape[] = {static_cast<std::uint32_t>(rows.rows()),
                                   static_cast<std::uint32_t>(rows.cols())};
    std::ofstream out(file, std::ios::binary);
    out.write(reinterpret_cast<char const*>(shape), sizeof shape);
    out.write(reinterpret_cast<char const*>(rows.data()),
              static_cast<std::streamsize>(rows.view().size() * 4));
    check(out.good(), "{}: cannot write", file.string());
}

void write_truth(Settings const& settings, std::string const& file) {
    SyntheticVectors const vectors(settings.dim, 1);
    auto const base = vectors.rows(0, settings.base);
    auto const queries = vectors.rows(settings.base, settings.queries);
    auto const truth = knn::exact_search(base.view(), queries.view(), 10, knn::Metric::l2);
    std::ofstream(file, std::ios::binary)
        .write(reinterpret_cast<char const*>(truth.positions.data()),
               static_cast<std::streamsize>(truth.positions.view().size() * 8));
    if (settings.dump.empty()) return;
    std::filesystem::create_directories(settings.dump);
    write_fbin(settings.dump / "base.fbin", base);
    write_fbin(settings.dump / "queries.fbin", queries);
    std::filesystem::copy_file(file, settings.dump / "truth.i64",
                               std::filesystem::copy_options::overwrite_existing);
}

void compare(Settings const& settings, std::string const& index, std::string const& truth_file) {
    Numbers ours, plain;
    for (int i = 0; i < settings.repeat; ++i) {  // in turn: the clock drifts
        plain.keep_best(run("faiss_run_plain", settings, index, truth_file));
        ours.keep_best(run("faiss_run_ours", settings, index, truth_file));
    }
    nlohmann::ordered_json const line = {
        {"name", "faiss_kernels"},
        {"index", index},
        {"base", settings.base},
        {"dim", settings.dim},
        {"queries", settings.queries},
        {"k", 10},
        {"ranks", 1},
        {"build_threads", settings.threads},
        {"search_threads", 1},
        {"ours", ours.json(settings.queries)},
        {"plain", plain.json(settings.queries)},
        {"build_faster_by", plain.build_processor / ours.build_processor},
        {"search_faster_by", plain.search_processor / ours.search_processor}};
    std::puts(line.dump().c_str());
    std::fflush(stdout);
}

}  // namespace
}  // namespace partita::bench

int main(int argc, char** argv) {
    partita::bench::Settings settings;
    CLI::App app{"FAISS with our kernels and without"};
    app.add_option("--base", settings.base, "Base vectors");
    app.add_option("--dim", settings.dim, "Dimension");
    app.add_option("--queries", settings.queries, "Queries");
    app.add_option("--threads", settings.threads, "Threads that build; one searches");
    app.add_option("--repeat", settings.repeat, "Runs of each");
    app.add_option("--index", settings.indexes, "FACTORY:SEARCH_SETTING");
    app.add_option("--dump", settings.dump, "Write the vectors and the truth to this folder");
    CLI11_PARSE(app, argc, argv);
    settings.folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
    auto const truth_file = (std::filesystem::temp_directory_path() /
                             fmt::format("faiss_kernels_bench_{}.truth", ::getpid()))
                                .string();
    try {
        partita::bench::write_truth(settings, truth_file);
        for (auto const& index : settings.indexes)
            partita::bench::compare(settings, index, truth_file);
    } catch (partita::Error const& error) {
        std::fprintf(stderr, "faiss_kernels_bench: %s\n", error.what());
    }
    std::filesystem::remove(truth_file);
}
