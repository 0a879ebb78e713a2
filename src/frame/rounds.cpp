#include "frame/rounds.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/comm/stop.hpp"
#include "partita/core/file.hpp"
#include "partita/obs/stopwatch.hpp"

#include <numeric>
#include <span>

namespace partita::frame {

namespace {

constexpr char parts_name[] = "partitions";
constexpr double most_seconds = 5;  ///< Of a round: how much a kill costs, about.

/// The partitions that the job before recorded.
std::vector<Written> recorded_parts(Communicator const& comm, io::PartialOutput const& partial) {
    return collectively(comm, partial.path(), [&] {
        std::int64_t const bytes = partial.recorded_bytes(parts_name).value_or(0);
        std::vector<Written> parts(static_cast<std::size_t>(bytes) / sizeof(Written));
        if (bytes > 0) File::open_read(partial.file(parts_name)).read_at(0, parts.data(), bytes);
        check(std::ssize(parts) == partial.done(),
              "--resume: expected a record of {} partitions, got {}", partial.done(), parts.size());
        return parts;
    });
}

}  // namespace

RoundWriter::RoundWriter(Table const& table, io::PartialOutput& partial, std::string const& name)
    : table_(table),
      partial_(partial),
      written_(recorded_parts(table.context().comm(), partial)),
      file_(table.context().comm(), partial, name),
      parts_(table.context().comm(), partial, parts_name) {}

std::int64_t RoundWriter::rows() const {
    return std::accumulate(written_.begin(), written_.end(), std::int64_t{0},
                           [](std::int64_t sum, Written const& one) { return sum + one.rows; });
}

void RoundWriter::run(std::string_view what, KeepPartition const& keep) {
    dataset::Context const& context = table_.context();
    std::int64_t const last = table_.num_partitions();
    table_.plan().prepare();
    WorkQueue queue(context.comm());
    // The queue's place is the whole job's: all of it counts as this rank's.
    obs::Progress progress("compute", "partitions", last - done(), last - done());
    while (done() < last) {
        queue.start(done(), last);
        dataset::PieceStore store(context);
        std::vector<Kept> kept;
        collectively(context.comm(), table_.plan().then(what).lineage, [&] {
            take_partitions(queue, keep, store, kept, progress);
            store.settle({done(), last});
        });
        append_round(store, kept, queue.finish());
        if (!partial_.is_due()) continue;
        collectively(context.comm(), partial_.path(), [&] {
            file_.sync();
            parts_.sync();
        });
        partial_.record(done());
    }
}

/// Take partitions until none is left, memory is full or the round has lasted long enough.
void RoundWriter::take_partitions(WorkQueue& queue, KeepPartition const& keep,
                                  dataset::PieceStore& store, std::vector<Kept>& kept,
                                  obs::Progress& progress) const {
    dataset::Context const& context = table_.context();
    obs::Stopwatch const watch;
    std::int64_t bytes = 0, at = done();
    while (bytes < context.memory_bytes() / 4 && watch.seconds() < most_seconds &&
           !stop_requested()) {
        RowRange const run = queue.take(context.threads(), std::int64_t{4} * context.threads());
        if (run.empty()) return;
        std::vector<Written> made(static_cast<std::size_t>(run.size()));
        context.parallel_for(run, [&](std::int64_t partition) {
            made[static_cast<std::size_t>(partition - run.first)] = keep(store, partition);
        });
        for (std::int64_t i = 0; i < run.size(); ++i) {
            kept.push_back({run.first + i, made[static_cast<std::size_t>(i)]});
            bytes += kept.back().written.bytes;
        }
        progress.add(run.last - at);
        at = run.last;
    }
}

/// Write what ranks kept of partitions [done(), next) to their places. Collective.
void RoundWriter::append_round(dataset::PieceStore const& store, std::vector<Kept> const& kept,
                               std::int64_t next) {
    Communicator const& comm = table_.context().comm();
    std::int64_t const first = done();
    written_.resize(static_cast<std::size_t>(next));
    for (Kept const& one : comm.all_gather_varying(std::span<Kept const>(kept)))
        written_[static_cast<std::size_t>(one.partition)] = one.written;
    std::span<Written const> const round =
        std::span(written_).subspan(static_cast<std::size_t>(first));
    std::vector<std::int64_t> starts;
    std::int64_t total = 0;
    for (Written const& one : round) {
        starts.push_back(total);
        total += one.bytes;
    }
    std::int64_t const begin = file_.extend(total);
    collectively(comm, partial_.path(), [&] {
        for (Kept const& one : kept) {
            std::int64_t at = begin + starts[static_cast<std::size_t>(one.partition - first)];
            store.for_each_piece(one.partition, [&](std::span<std::byte const> bytes) {
                file_.write_at(at, bytes.data(), std::ssize(bytes));
                at += std::ssize(bytes);
            });
        }
    });
    auto const* const bytes = reinterpret_cast<char const*>(round.data());
    parts_.write(comm.is_root() ? std::string_view(bytes, round.size_bytes()) : "");
}

}  // namespace partita::frame
