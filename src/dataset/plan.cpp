#include "partita/dataset/plan.hpp"

#include "partita/comm/work_queue.hpp"
#include "partita/obs/progress.hpp"

#include <exception>
#include <limits>
#include <mutex>
#include <numeric>

namespace partita::dataset {

std::int64_t Plan::partitions() const {
    return std::accumulate(runs.begin(), runs.end(), std::int64_t{0});
}

std::vector<std::int64_t> Plan::local_partitions() const {
    std::vector<std::int64_t> local;
    std::int64_t start = 0;
    for (std::int64_t const run : runs) {
        RowRange const mine = context.local_partitions(run);
        for (std::int64_t p = mine.first; p < mine.last; ++p) local.push_back(start + p);
        start += run;
    }
    return local;
}

int Plan::owner_of(std::int64_t partition) const {
    for (std::int64_t const run : runs) {
        if (partition < run) return context.owner_of(partition, run);
        partition -= run;
    }
    return 0;
}

Plan Plan::then(std::string_view operation) const {
    Plan plan = *this;
    if (!plan.lineage.empty()) plan.lineage += " | ";
    plan.lineage += operation;
    ++plan.operations;
    return plan;
}

Plan Plan::then_anew(std::string_view operation) const {
    Plan plan = then(operation);
    plan.placement = {};
    return plan;
}

Chain Plan::chain(std::string_view operation) const {
    return {operation.empty() ? lineage : then(operation).lineage, starts};
}

Plan joined_plan(std::initializer_list<Plan const*> plans) {
    Plan joined = **plans.begin();
    joined.lineage.clear();
    joined.stages.clear();
    joined.starts.clear();
    joined.anywhere = false;
    for (Plan const* plan : plans) {
        joined.lineage += (joined.lineage.empty() ? "(" : ", ") + plan->lineage;
        joined.stages.insert(joined.stages.end(), plan->stages.begin(), plan->stages.end());
        joined.starts.insert(joined.starts.end(), plan->starts.begin(), plan->starts.end());
    }
    joined.lineage += ")";
    return joined;
}

void for_each_local_partition(Context const& context, std::string_view name,
                              std::int64_t partitions, FunctionRef<void(std::int64_t)> work) {
    RowRange const local = context.local_partitions(partitions);
    obs::Progress progress(std::string(name), "partitions", local.size(), partitions);
    context.parallel_for(local, [&](std::int64_t partition) {
        work(partition);
        progress.add(1);
    });
}

void run_local_partitions(Plan const& plan, std::string_view operation, FunctionRef<void()> begin,
                          FunctionRef<void(std::int64_t)> work, FunctionRef<void()> end) {
    AccumulatorRegistry& accumulators = plan.context.accumulators();
    try {
        plan.prepare();
        std::vector<std::int64_t> const local = plan.local_partitions();
        collectively(plan.context.comm(), plan.then(operation).lineage, [&] {
            begin();
            RowRange const range{0, static_cast<std::int64_t>(local.size())};
            obs::Progress progress(std::string(operation), "partitions", range.size(),
                                   plan.partitions());
            plan.context.parallel_for(
                range,
                [&](std::int64_t i) {
                    work(i);
                    progress.add(1);
                },
                local);
            end();
        });
    } catch (...) {
        accumulators.drop();
        throw;
    }
    accumulators.agree();
}

namespace {

/// The lowest partition that failed, and with what: ranks report the same one whoever ran it.
struct FailedPartition {
    std::int64_t partition = std::numeric_limits<std::int64_t>::max();
    std::exception_ptr error;
};

/// Take partitions until none is left or one fails; those below it have been taken by then.
FailedPartition take_partitions(Plan const& plan, WorkQueue& queue, obs::Progress& progress,
                                FunctionRef<void(std::int64_t)> work) {
    FailedPartition failed;
    std::mutex mutex;
    std::int64_t const threads = plan.context.threads();
    auto const next = [&] { return queue.take(threads, plan.partitions()); };
    try {
        plan.context.parallel_for_each(next, [&](std::int64_t partition) {
            try {
                work(partition);
            } catch (...) {
                std::lock_guard const lock(mutex);
                if (partition < failed.partition) failed = {partition, std::current_exception()};
                throw;
            }
            progress.add(1);
            if (Context::current_thread() == 0) queue.serve();
        });
    } catch (...) {
        if (!failed.error) failed.error = std::current_exception();  // of the queue itself
        queue.take(plan.partitions(), plan.partitions());            // nobody needs the rest
    }
    return failed;
}

}  // namespace

void run_map_stage(Plan const& plan, std::string_view operation,
                   FunctionRef<void(std::int64_t)> work) {
    Context const& context = plan.context;
    Communicator const& comm = context.comm();
    std::int64_t const workers = comm.size() * std::int64_t{context.threads()};
    if (comm.size() == 1 || !plan.runs_anywhere() || plan.partitions() <= workers) {
        std::vector<std::int64_t> const local = plan.local_partitions();
        run_local_partitions(
            plan, operation, [] {},
            [&](std::int64_t i) { work(local[static_cast<std::size_t>(i)]); }, [] {});
        return;
    }
    FailedPartition failed;
    {
        WorkQueue queue(comm);
        queue.start(0, plan.partitions());
        obs::Progress progress(std::string(operation), "partitions",
                               share_of(plan.partitions(), comm.size(), comm.rank()).size(),
                               plan.partitions());
        failed = take_partitions(plan, queue, progress, work);
        queue.finish();
    }
    std::int64_t const first = comm.all_reduce(failed.partition, Reduce::min);
    try {
        collectively(comm, plan.then(operation).lineage, [&] {
            if (failed.error && failed.partition == first) std::rethrow_exception(failed.error);
        });
    } catch (...) {
        context.accumulators().drop();
        throw;
    }
    context.accumulators().agree();
}

}  // namespace partita::dataset
