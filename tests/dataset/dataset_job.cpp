// A program that jobs_test.py kills, starts again and lets run out of scratch.
#include "partita/comm/run_app.hpp"
#include "partita/core/atomic_file.hpp"
#include "partita/dataset/accumulator.hpp"
#include "partita/dataset/sources.hpp"

#include <csignal>
#include <cstdio>
#include <string>

namespace partita::dataset {
namespace {

constexpr std::int64_t rows = 100000;

Context context_in(Communicator const& world, std::string const& scratch) {
    Options options;
    options.memory_bytes = 320 << 10;  // of which half holds the lines collected
    options.scratch = scratch;
    options.threads = 2;
    return Context(world, options);
}

void write_lines(Communicator const& world, std::string const& path,
                 std::vector<std::string> const& lines) {
    if (!world.is_root()) return;
    std::string text;
    for (std::string const& line : lines) text += line + "\n";
    write_text_file(path, text);
}

/// Sums by key, a checkpoint, and a step after it in which the job may be killed.
void checkpoint_job(Context const& context, std::string const& folder, std::string const& out,
                    bool die) {
    Accumulator<std::int64_t> const before(context);
    auto const sums = range(context, 0, rows)
                          .map([before](std::int64_t i) {
                              before.add(1);
                              return std::pair("key " + std::to_string(i % 9000), i);
                          })
                          .reduce_by_key(std::plus<>{})
                          .checkpoint(folder);
    auto const lines = sums.map([die](auto const& pair) {
        if (die && pair.first == "key 777") std::raise(SIGKILL);
        return pair.first + "," + std::to_string(pair.second);
    });
    write_lines(context.comm(), out, lines.sort().collect());
    if (context.comm().is_root())
        std::printf("%lld rows before the checkpoint\n", static_cast<long long>(before.value()));
}

/// Sorts more than fits memory, so that scratch is needed.
void sort_job(Context const& context, std::string const& out) {
    auto const sorted = range(context, 0, 4 * rows)
                            .map([](std::int64_t i) { return std::to_string(i * 7919 % 99991); })
                            .sort();
    write_lines(context.comm(), out, sorted.take(10));
}

}  // namespace
}  // namespace partita::dataset

/// dataset_job checkpoint|kill|sort OUT SCRATCH [FOLDER]
int main(int argc, char** argv) {
    using namespace partita;
    return run_app(argc, argv, [&](Communicator const& world) {
        std::string const mode = argv[1], out = argv[2];
        auto const context = dataset::context_in(world, argv[3]);
        if (mode == "sort")
            dataset::sort_job(context, out);
        else
            dataset::checkpoint_job(context, argv[4], out, mode == "kill");
        return 0;
    });
}
