// One job of a scaling study, on generated data: time, traffic and the share of communication.
//
// usage: scaling_jobs exchange|reduce|sort|kmeans|logistic|predict ITEMS [repeats] [threads]
//        scaling_jobs network BYTES
//
// ITEMS are over all ranks: bytes for exchange, pairs for reduce, numbers for sort, rows of 20
// features for the others. Prints one JSON line; counts are of one run, by the rank with most.
// "network" is no job: it measures what joins the first two ranks.

#include "../ml/rows.hpp"
#include "mpi_counters.hpp"

#include "partita/comm/all_to_all.hpp"
#include "partita/comm/run_app.hpp"
#include "partita/core/buffer.hpp"
#include "partita/core/error.hpp"
#include "partita/core/hash.hpp"
#include "partita/core/random.hpp"
#include "partita/dataset/sources.hpp"
#include "partita/ml/kmeans.hpp"
#include "partita/ml/logistic_regression.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <omp.h>

namespace partita::bench {
namespace {

using Job = std::function<void()>;

Job exchange(Communicator const& comm, std::int64_t bytes) {
    std::int64_t const slice = bytes / comm.size() / comm.size();
    auto const send = std::make_shared<Buffer<std::byte>>(slice * comm.size());
    std::memset(send->data(), 1, static_cast<std::size_t>(send->size()));
    auto const received = std::make_shared<Buffer<std::byte>>();
    std::vector<std::int64_t> const to(static_cast<std::size_t>(comm.size()), slice);
    return [=] {
        std::vector<std::int64_t> from;
        all_to_all_bytes(comm, send->span(), to, from, *received);
    };
}

std::int64_t random_number(std::int64_t i) {
    return static_cast<std::int64_t>(mix64(static_cast<std::uint64_t>(i)) >> 1);
}

/// Datasets are kept before they are worked on, so that making them is not measured.
Job reduce(dataset::Context const& context, std::int64_t pairs) {
    std::int64_t const keys = std::max<std::int64_t>(pairs / 10, 1);
    auto const kept = dataset::generate(context, pairs, [keys](std::int64_t i) {
                          return std::pair(random_number(i) % keys, i & 15);
                      }).cache();
    kept.count();
    return [kept] { kept.reduce_by_key(std::plus<>{}).count(); };
}

Job sort(dataset::Context const& context, std::int64_t numbers) {
    auto const kept = dataset::generate(context, numbers, random_number).cache();
    kept.count();
    return [kept] { kept.sort().count(); };
}

Job kmeans(Communicator const& comm, std::int64_t n) {
    auto const rows = std::make_shared<Rows>(comm, n);
    ml::KMeansOptions options{.clusters = 20, .max_iterations = 10, .tolerance = 0};
    options.start = ml::KMeansStart::random;
    return [=] {
        ml::DenseTrainingSet const set(comm, rows->x.view());
        ml::fit_kmeans(comm, set, options);
    };
}

Job logistic(Communicator const& comm, std::int64_t n) {
    auto const rows = std::make_shared<Rows>(comm, n);
    return [=] {
        ml::DenseTrainingSet const set(comm, rows->x.view(), rows->choice);
        ml::fit_logistic_regression(comm, set);
    };
}

Job predict(Communicator const& comm, std::int64_t n) {
    auto const rows = std::make_shared<Rows>(comm, n);
    ml::DenseTrainingSet const set(comm, rows->x.view(), rows->choice);
    auto const fit =
        std::make_shared<ml::LogisticRegressionFit>(ml::fit_logistic_regression(comm, set));
    auto const out =
        std::make_shared<std::vector<double>>(static_cast<std::size_t>(2 * rows->x.rows()));
    return [=] {
        std::int64_t const block = 4096, blocks = (rows->x.rows() + block - 1) / block;
#pragma omp parallel for schedule(dynamic, 8)
        for (std::int64_t b = 0; b < blocks; ++b)
            fit->model.predict_probabilities(
                rows->x.view().slice(b * block, std::min((b + 1) * block, rows->x.rows())),
                out->data() + 2 * b * block);
    };
}

Job make_job(Communicator const& comm, dataset::Context const& context, std::string const& name,
             std::int64_t items) {
    if (name == "exchange") return exchange(comm, items);
    if (name == "reduce") return reduce(context, items);
    if (name == "sort") return sort(context, items);
    if (name == "kmeans") return kmeans(comm, items);
    if (name == "logistic") return logistic(comm, items);
    if (name == "predict") return predict(comm, items);
    fail("expected exchange, reduce, sort, kmeans, logistic or predict, got '{}'", name);
}

void measure_job(Communicator const& comm, std::string const& name, std::int64_t items, int repeats,
                 int threads) {
    dataset::Options options;
    options.threads = threads;
    dataset::Context const context(comm, options);
    omp_set_num_threads(threads);
    Job const work = make_job(comm, context, name, items);
    work();  // warm: pages, kernels
    std::vector<double> seconds;
    PartitaMpiCounts before{}, after{};
    for (int i = 0; i < repeats; ++i) {
        comm.barrier();
        partita_mpi_counts(&before);
        double const start = MPI_Wtime();
        work();
        partita_mpi_counts(&after);
        seconds.push_back(comm.all_reduce(MPI_Wtime() - start, Reduce::max));
    }
    std::sort(seconds.begin(), seconds.end());
    auto const most = [&](std::int64_t PartitaMpiCounts::*count) {
        return comm.all_reduce(after.*count - before.*count, Reduce::max);
    };
    std::int64_t const messages = most(&PartitaMpiCounts::messages);
    std::int64_t const message_bytes = most(&PartitaMpiCounts::message_bytes);
    std::int64_t const collectives = most(&PartitaMpiCounts::collectives);
    std::int64_t const collective_bytes = most(&PartitaMpiCounts::collective_bytes);
    double const mpi = comm.all_reduce(after.seconds - before.seconds, Reduce::sum) / comm.size();
    if (comm.is_root())
        fmt::print(
            "{{\"job\":\"{}\",\"items\":{},\"ranks\":{},\"threads\":{},\"seconds\":{:.6f},"
            "\"median\":{:.6f},\"mpi_seconds\":{:.6f},\"messages\":{},\"message_bytes\":{},"
            "\"collectives\":{},\"collective_bytes\":{}}}\n",
            name, items, comm.size(), threads, seconds.front(), seconds[seconds.size() / 2], mpi,
            messages, message_bytes, collectives, collective_bytes);
}

/// Half the time of a byte's way to the next rank and back, and what a rank sends to another each
/// second while it receives as much. Medians.
void measure_network(Communicator const& comm, std::int64_t bytes) {
    check(comm.size() == 2, "network: expected 2 ranks, got {}", comm.size());
    constexpr int trips = 101;
    std::vector<double> halves, rates;
    int const other = 1 - comm.rank();
    char byte = 0;
    for (int i = 0; i < trips; ++i) {
        double const start = MPI_Wtime();
        if (comm.is_root()) MPI_Send(&byte, 1, MPI_CHAR, other, 0, comm.handle());
        MPI_Recv(&byte, 1, MPI_CHAR, other, 0, comm.handle(), MPI_STATUS_IGNORE);
        if (!comm.is_root()) MPI_Send(&byte, 1, MPI_CHAR, other, 0, comm.handle());
        halves.push_back((MPI_Wtime() - start) / 2);
    }
    Job const work = exchange(comm, 4 * bytes);
    for (int i = 0; i < 6; ++i) {
        comm.barrier();
        double const start = MPI_Wtime();
        work();
        double const slowest = comm.all_reduce(MPI_Wtime() - start, Reduce::max);
        if (i > 0) rates.push_back(static_cast<double>(bytes) / slowest);
    }
    std::sort(halves.begin(), halves.end());
    std::sort(rates.begin(), rates.end());
    if (comm.is_root())
        fmt::print("{{\"latency\":{:.9f},\"bandwidth\":{:.0f}}}\n", halves[trips / 2],
                   rates[rates.size() / 2]);
}

}  // namespace
}  // namespace partita::bench

int main(int argc, char** argv) {
    return partita::run_app(argc, argv, [&](partita::Communicator const& comm) {
        partita::check(argc >= 3, "usage: scaling_jobs JOB ITEMS [repeats] [threads]");
        if (std::string(argv[1]) == "network") {
            partita::bench::measure_network(comm, std::atoll(argv[2]));
            return 0;
        }
        partita::bench::measure_job(comm, argv[1], std::atoll(argv[2]),
                                    argc > 3 ? std::max(1, std::atoi(argv[3])) : 3,
                                    argc > 4 ? std::max(1, std::atoi(argv[4])) : 1);
        return 0;
    });
}
