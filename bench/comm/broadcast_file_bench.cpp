// broadcast_file between ranks that count as nodes, beside MPI_Bcast from memory to memory, a
// plain copy of the file, and memcpy. Usage: broadcast_file_bench [megabytes] [cache folder]
// [folder of the original] [repetitions]; JSON lines on stdout.

#include "comm/measure.hpp"

#include "partita/comm/broadcast_file.hpp"
#include "partita/comm/collectively.hpp"
#include "partita/comm/run_app.hpp"
#include "partita/core/file.hpp"
#include "partita/core/random.hpp"

#include <cstdlib>
#include <filesystem>
#include <string>

#include <fmt/core.h>

namespace {

using namespace partita;
namespace fs = std::filesystem;

struct Setting {
    std::int64_t bytes;
    std::string cache, source;
    int repetitions;
};

struct Times {
    std::vector<double> first, second, known, mpi_bcast, mpi_bcast_fresh, file_copy, memcpy, touch;
};

void write_source(std::string const& path, std::int64_t bytes) {
    File const file = File::create(path);
    std::vector<std::uint64_t> block(1 << 17);
    RandomStream random(1);
    for (auto& word : block) word = random();
    for (std::int64_t at = 0; at < bytes; at += std::ssize(block) * 8) {
        block[0] = static_cast<std::uint64_t>(at);
        file.write_at(at, block.data(), std::min<std::int64_t>(std::ssize(block) * 8, bytes - at));
    }
}

void measure_once(Communicator const& world, Topology const& topology, Setting const& setting,
                  std::string const& path, Times& times) {
    BroadcastFileOptions options;
    options.cache_dir = setting.cache;
    BroadcastFileResult const first = broadcast_file(world, topology, path, options);
    times.first.push_back(first.seconds);
    times.second.push_back(broadcast_file(world, topology, path, options).seconds);
    options.known_hash = first.hash;
    times.known.push_back(broadcast_file(world, topology, path, options).seconds);
    world.barrier();
    if (!world.is_root()) fs::remove(first.local_path);

    Buffer<std::byte> memory(setting.bytes);
    if (world.is_root()) std::memset(memory.data(), 1, static_cast<std::size_t>(memory.size()));
    auto const bcast = [&] { world.broadcast(memory.span()); };
    times.mpi_bcast_fresh.push_back(bench::time_together(world, bcast));
    times.mpi_bcast.push_back(bench::time_together(world, bcast));
    memory = {};

    std::string const copy = setting.cache + "/partita-bench-copy";
    times.file_copy.push_back(bench::time_together(world, [&] {
        if (world.is_root()) fs::copy_file(path, copy);
    }));
    if (world.is_root()) fs::remove(copy);
    times.touch.push_back(bench::time_first_touch(world, setting.bytes));
    times.memcpy.push_back(bench::time_memcpy(world, setting.bytes));
}

void print(Communicator const& world, Setting const& setting, char const* name,
           std::vector<double> const& seconds, double limit) {
    if (!world.is_root()) return;
    auto const [median, min] = bench::summarise(seconds);
    auto const bytes = static_cast<double>(setting.bytes);
    fmt::print(R"({{"name":"{}","cache":"{}","ranks":{},"bytes":{},"seconds_median":{:.4f},)"
               R"("seconds_min":{:.4f},"gb_per_s_median":{:.2f},"gb_per_s_best":{:.2f},)"
               R"("ratio_to_memcpy":{:.2f}}})"
               "\n",
               name, setting.cache, world.size(), setting.bytes, median, min, bytes / median / 1e9,
               bytes / min / 1e9, limit / median);
}

int run(Communicator const& world, Setting const& setting) {
    setenv("PARTITA_RANKS_PER_NODE", "1", 0);
    Topology const topology(world);
    std::string const path = setting.source + "/partita-bench-source";
    collectively(world, "make the file", [&] {
        if (world.is_root()) write_source(path, setting.bytes);
    });
    Times times;
    for (int i = 0; i < setting.repetitions; ++i)
        measure_once(world, topology, setting, path, times);
    if (world.is_root()) fs::remove(path);
    double const limit = bench::summarise(times.memcpy).median;
    print(world, setting, "memcpy", times.memcpy, limit);
    print(world, setting, "first_touch", times.touch, limit);
    print(world, setting, "broadcast_file", times.first, limit);
    print(world, setting, "broadcast_file_again", times.second, limit);
    print(world, setting, "broadcast_file_again_hash_known", times.known, limit);
    print(world, setting, "mpi_bcast_fresh_memory", times.mpi_bcast_fresh, limit);
    print(world, setting, "mpi_bcast_warm_memory", times.mpi_bcast, limit);
    print(world, setting, "copy_file_by_root", times.file_copy, limit);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    auto const argument = [&](int i, char const* otherwise) {
        return argc > i ? argv[i] : otherwise;
    };
    Setting const setting{std::atoll(argument(1, "1000")) * 1'000'000, argument(2, "/dev/shm"),
                          argument(3, "/tmp"), std::atoi(argument(4, "5"))};
    return run_app(argc, argv, [&](Communicator const& world) { return run(world, setting); });
}
