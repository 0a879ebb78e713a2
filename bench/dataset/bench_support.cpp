#include "bench_support.hpp"

#include "partita/comm/all_to_all.hpp"
#include "partita/comm/collectively.hpp"
#include "partita/core/buffer.hpp"
#include "partita/core/error.hpp"
#include "partita/core/memory.hpp"
#include "partita/obs/stopwatch.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include <fmt/format.h>

namespace partita::bench {
namespace {

double processor_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Bytes a second that all workers together read and write when they copy memory.
double copy_bandwidth(dataset::Context const& context) {
    constexpr std::int64_t bytes = 64 << 20;
    int const threads = context.threads();
    Buffer<std::byte> from(bytes * threads), to(bytes * threads);
    std::memset(from.data(), 1, static_cast<std::size_t>(from.size()));
    double best = 1e9;
    for (int repeat = 0; repeat < 4; ++repeat)
        best = std::min(best, seconds_of(context.comm(), [&] {
                            context.parallel_for({0, threads}, [&](std::int64_t t) {
                                std::memcpy(to.data() + t * bytes, from.data() + t * bytes, bytes);
                            });
                        }));
    return 2.0 * static_cast<double>(bytes) * threads * context.comm().size() / best;
}

/// Bytes a second that one rank sends when all exchange with all.
double exchange_bandwidth(Communicator const& comm) {
    std::int64_t const each = (32 << 20) / comm.size();
    Buffer<std::byte> send(each * comm.size()), received;
    std::memset(send.data(), 1, static_cast<std::size_t>(send.size()));
    std::vector<std::int64_t> const to(static_cast<std::size_t>(comm.size()), each);
    std::vector<std::int64_t> from;
    double best = 1e9;
    for (int repeat = 0; repeat < 4; ++repeat)
        best = std::min(best, seconds_of(comm, [&] {
                            all_to_all_bytes(comm, send.span(), to, from, received);
                        }));
    return static_cast<double>(each) * (comm.size() - 1) / best;
}

}  // namespace

double Runs::min() const { return *std::min_element(warm.begin(), warm.end()); }
double Runs::min_processor() const { return *std::min_element(processor.begin(), processor.end()); }
double Runs::median() const {
    std::vector<double> sorted = warm;
    std::sort(sorted.begin(), sorted.end());
    return sorted[sorted.size() / 2];
}

double seconds_of(Communicator const& comm, std::function<void()> const& work) {
    comm.barrier();
    obs::Stopwatch const watch;
    work();
    return comm.all_reduce(watch.seconds(), Reduce::max);
}

Contest::Contest(dataset::Context const& context, std::string name, std::int64_t items)
    : context_(context), name_(std::move(name)), items_(items) {}

void Contest::add(std::string name, Work work) {
    all_.push_back({std::move(name), std::move(work), false, {}, {}});
}
void Contest::add_on_root(std::string name, Work work) {
    all_.push_back({std::move(name), std::move(work), true, {}, {}});
}

void Contest::run_once(Contestant& one, bool cold) {
    Communicator const& comm = context_.comm();
    bool const takes_part = !one.on_root || comm.is_root();
    Checksum checksum_of;
    dataset::Traffic const before = context_.traffic();
    double const processor = processor_seconds();
    double const seconds = seconds_of(comm, [&] {
        if (takes_part) checksum_of = one.work();
    });
    double const used = processor_seconds() - processor;
    (cold ? one.runs.cold = seconds : one.runs.warm.emplace_back(seconds));
    // A rank that waits for root uses its core too; that is not the work's.
    double const all_used = one.on_root ? used : comm.all_reduce(used, Reduce::sum);
    if (!cold) one.runs.processor.push_back(all_used);
    dataset::Traffic const after = context_.traffic();
    one.traffic.bytes_sent = after.bytes_sent - before.bytes_sent;
    one.traffic.messages = after.messages - before.messages;
    std::uint64_t const checksum = takes_part ? checksum_of() : 0;
    collectively(comm, name_, [&] {
        if (!comm.is_root()) return;
        if (std::exchange(has_checksum_, true))
            check(checksum == checksum_, "{}: expected the checksum {}, got {}", one.name,
                  checksum_, checksum);
        checksum_ = checksum;
    });
}

void Contest::run(int repeats, std::int64_t bytes_touched) {
    if (std::getenv("PARTITA_BENCH_ALONE")) all_.resize(1);  // for profiles
    for (int repeat = 0; repeat <= repeats; ++repeat)
        for (Contestant& one : all_) run_once(one, repeat == 0);
    Communicator const& comm = context_.comm();
    std::int64_t const peak = comm.all_reduce(peak_resident_bytes(), Reduce::max);
    auto& traffic = all_.front().traffic;
    traffic.bytes_sent = comm.all_reduce(traffic.bytes_sent, Reduce::max);
    double limit = static_cast<double>(bytes_touched) / copy_bandwidth(context_);
    if (comm.size() > 1)
        limit += static_cast<double>(traffic.bytes_sent) / exchange_bandwidth(comm);
    if (comm.is_root()) print(limit, peak);
}

void Contest::print(double limit_seconds, std::int64_t peak) const {
    Contestant const& ours = all_.front();
    double const best = ours.runs.min();
    fmt::print(
        "{{\"bench\":\"{}\",\"items\":{},\"ranks\":{},\"threads\":{},\"min\":{:.4f},"
        "\"median\":{:.4f},\"cold\":{:.4f},\"processor\":{:.4f},\"limit\":{:.4f},"
        "\"share_of_limit\":{:.2f},\"bytes_sent_per_rank\":{},\"messages_per_rank\":{},"
        "\"peak_rss\":{}",
        name_, items_, context_.comm().size(), context_.threads(), best, ours.runs.median(),
        ours.runs.cold, ours.runs.min_processor(), limit_seconds, limit_seconds / best,
        ours.traffic.bytes_sent, ours.traffic.messages, peak);
    for (std::size_t i = 1; i < all_.size(); ++i) {
        Runs const& runs = all_[i].runs;
        fmt::print(
            ",\"{0}_min\":{1:.4f},\"{0}_median\":{2:.4f},\"{0}_cold\":{3:.4f},\"{0}_ratio\":{4:."
            "2f}",
            all_[i].name, runs.min(), runs.median(), runs.cold, runs.min() / best);
    }
    fmt::print("}}\n");
    std::fflush(stdout);
}

Arguments::Arguments(int argc, char** argv, std::int64_t default_items)
    : items(argc > 1 ? std::atoll(argv[1]) : default_items),
      repeats(argc > 2 ? std::atoi(argv[2]) : 5) {
    options.threads = argc > 3 ? std::atoi(argv[3]) : 1;
    options.memory_bytes = argc > 4 ? std::atoll(argv[4]) : std::int64_t{2} << 30;
}

}  // namespace partita::bench
