#include "partita/dataset/context.hpp"

#include "dataset/spill_policy.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/comm/memory_budget.hpp"
#include "partita/comm/topology.hpp"
#include "partita/core/buffer.hpp"
#include "partita/core/scratch.hpp"
#include "partita/dataset/spill_file.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <exception>
#include <limits>
#include <malloc.h>
#include <mutex>
#include <optional>
#include <unistd.h>

#include <omp.h>

namespace partita::dataset {

struct Context::State {
    State(Communicator const& communicator, Options given, std::int64_t memory_bytes)
        : comm(communicator), options(std::move(given)), memory(memory_bytes) {}

    Communicator comm;
    Options options;
    MemoryAccount memory;
    std::optional<ScratchDir> scratch;
    std::atomic<std::int64_t> spill_files = 0;
    std::shared_ptr<std::atomic<std::int64_t>> spilled_bytes =
        std::make_shared<std::atomic<std::int64_t>>(0);
    AccumulatorRegistry accumulators;
    std::shared_ptr<SpillPolicy> spill_policy =
        std::make_shared<SpillPolicy>(options.spill_compression);
    Traffic traffic;  ///< Of exchanges: the main thread's.
};

namespace {

thread_local int thread_of_run = 0;

/// Blocks, tables and runs of some KiB each must fit their shares of it.
constexpr std::int64_t least_memory_bytes = 256 << 10;

std::int64_t partitions_for(std::int64_t workers) {
    return std::max<std::int64_t>(
        64, static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(4 * workers))));
}

}  // namespace

Context::Context(Communicator const& comm, Options options) {
    if (options.threads <= 0) options.threads = std::max(1, omp_get_max_threads());
    if (options.scratch.empty()) options.scratch = default_scratch();
    if (options.partitions <= 0)
        options.partitions = partitions_for(
            std::int64_t{comm.all_reduce(options.threads, Reduce::max)} * comm.size());
    // What ranks plan with must be the same everywhere, whatever their environments say.
    options.partitions = comm.broadcast(options.partitions);
    options.seed = comm.broadcast(options.seed);
    auto const given =
        options.memory_bytes > 0 ? std::optional(options.memory_bytes) : std::nullopt;
    MemoryBudget const budget = memory_budget(comm, Topology(comm), given, least_memory_bytes);
    state_ = collectively(comm, "scratch", [&] {
        auto state = std::make_shared<State>(comm, options, budget.per_rank_bytes);
        state->scratch.emplace(options.scratch);
        // The account has a pool of its own; pages that wait below it would not be counted.
        limit_recycled_pages(std::min<std::int64_t>(budget.per_rank_bytes / 16, 256 << 20));
        // Nor would holes that large vectors leave in malloc's heap: these get pages of their own
        // where they would be much beside the memory given.
        if (budget.per_rank_bytes <= 64 << 20) ::mallopt(M_MMAP_THRESHOLD, 64 << 10);
        return state;
    });
}

Communicator const& Context::comm() const { return state_->comm; }
int Context::threads() const { return state_->options.threads; }
std::uint64_t Context::seed() const { return state_->options.seed; }
std::int64_t Context::default_partitions() const { return state_->options.partitions; }
ExchangeLimits const& Context::exchange_limits() const { return state_->options.exchange; }
MemoryAccount& Context::memory() const { return state_->memory; }
std::int64_t Context::memory_bytes() const { return state_->memory.kept_limit() * 2; }

Traffic Context::traffic() const {
    Traffic traffic = state_->traffic;
    traffic.bytes_spilled = state_->spilled_bytes->load();
    return traffic;
}

void Context::count_sent(std::int64_t bytes, std::int64_t messages) const {
    state_->traffic.bytes_sent += bytes;
    state_->traffic.messages += messages;
    ++state_->traffic.rounds;
}

std::shared_ptr<SpillFile> Context::new_spill_file() const {
    std::string const path =
        state_->scratch->path() + "/spill-" + std::to_string(state_->spill_files.fetch_add(1));
    File file = File::create(path);
    ::unlink(path.c_str());  // it lives on while it is open, and goes away however the job ends
    return std::make_shared<SpillFile>(std::move(file), state_->spilled_bytes,
                                       state_->spill_policy);
}

int Context::current_thread() { return thread_of_run; }
AccumulatorRegistry& Context::accumulators() const { return state_->accumulators; }

namespace {

/// Runs of work in the rank's threads, and what the lowest i threw.
class GuardedRuns {
  public:
    GuardedRuns(AccumulatorRegistry& accumulators, std::int64_t threads)
        : accumulators_(accumulators), threads_(threads) {
        accumulators_.start_run();
    }

    template <class Work>
    void run(RowRange range, Work const& work) {
        int const threads = static_cast<int>(std::clamp<std::int64_t>(range.size(), 1, threads_));
        if (threads == 1) {
            for (std::int64_t i = range.first; i < range.last; ++i) guard(i, work);
            return;
        }
#pragma omp parallel num_threads(threads)
        {
            thread_of_run = omp_get_thread_num();
#pragma omp for schedule(dynamic, 1)
            for (std::int64_t i = range.first; i < range.last; ++i) guard(i, work);
        }
    }

    bool failed() const { return error_ != nullptr; }
    void rethrow() const {
        if (error_) std::rethrow_exception(error_);
    }

  private:
    /// work(i) returns the part that i is of, for accumulators.
    template <class Work>
    void guard(std::int64_t i, Work const& work) {
        if (i > lowest_failed_.load()) return;
        try {
            accumulators_.finish_part(work(i));
        } catch (...) {
            std::lock_guard const lock(mutex_);
            if (i < lowest_failed_.load()) {
                lowest_failed_ = i;
                error_ = std::current_exception();
            }
        }
    }

    AccumulatorRegistry& accumulators_;
    std::int64_t threads_;
    std::atomic<std::int64_t> lowest_failed_ = std::numeric_limits<std::int64_t>::max();
    std::exception_ptr error_;
    std::mutex mutex_;
};

}  // namespace

void Context::parallel_for(RowRange range, FunctionRef<void(std::int64_t)> work,
                           std::span<std::int64_t const> parts) const {
    GuardedRuns runs(state_->accumulators, state_->options.threads);
    runs.run(range, [&](std::int64_t i) {
        work(i);
        return parts.empty() ? i : parts[static_cast<std::size_t>(i)];
    });
    runs.rethrow();
}

void Context::parallel_for_each(FunctionRef<RowRange()> next,
                                FunctionRef<void(std::int64_t)> work) const {
    GuardedRuns runs(state_->accumulators, state_->options.threads);
    for (RowRange range = next(); !runs.failed() && range.size() > 0; range = next())
        runs.run(range, [&](std::int64_t i) {
            work(i);
            return i;
        });
    runs.rethrow();
}

}  // namespace partita::dataset
