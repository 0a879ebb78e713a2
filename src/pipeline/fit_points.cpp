#include "pipeline/fit_points.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/bytes.hpp"
#include "partita/pipeline/load.hpp"

#include <exception>
#include <mutex>

#include <omp.h>

namespace partita::pipeline {

namespace {

using Predictors = std::vector<std::shared_ptr<ml::Predictor const>>;

/// This rank's share of the points, each fitted by one thread. No MPI: `self` is one rank.
Predictors fit_own(Communicator const& self, int rank, int ranks, ml::TrainingSet const& rows,
                   std::size_t points, LearnerOfPoint const& learner, int threads) {
    Predictors fitted(points);
    std::exception_ptr failure;
    std::mutex mutex;
#pragma omp parallel for num_threads(threads) schedule(dynamic, 1)
    for (std::size_t p = static_cast<std::size_t>(rank); p < points;
         p += static_cast<std::size_t>(ranks)) {
        try {
            fitted[p] = learner(p, 1)->fit(self, rows).predictor;
        } catch (...) {
            std::lock_guard const lock(mutex);
            if (!failure) failure = std::current_exception();
        }
    }
    if (failure) std::rethrow_exception(failure);
    return fitted;
}

/// Every rank gets the others' models.
void exchange(Communicator const& comm, Predictors& fitted) {
    if (comm.size() == 1) return;
    for (std::size_t p = 0; p < fitted.size(); ++p) {
        int const owner = static_cast<int>(p) % comm.size();
        bool const mine = owner == comm.rank();
        std::string const kind = comm.broadcast(mine ? fitted[p]->kind() : std::string(), owner);
        std::string const json = comm.broadcast(mine ? fitted[p]->to_json() : std::string(), owner);
        collectively(comm, "", [&] {
            if (!mine) fitted[p] = ml::read_predictor(kind, json);
        });
    }
}

}  // namespace

Predictors fit_points(dataset::Context const& context, ml::TrainingSet const& set,
                      std::size_t points, LearnerOfPoint const& learner, int threads) {
    Communicator const& comm = context.comm();
    std::int64_t const bytes = saturated_product(set.rows(), 8 * (set.features() + 2));
    int const workers = threads > 0 ? threads : omp_get_max_threads();
    bool const apart = points > 1 && comm.size() * workers > 1 && !set.sparse() && set.rows() > 0 &&
                       bytes <= context.memory_bytes() / 8;
    if (comm.all_reduce(apart ? 1 : 0, Reduce::min) == 0) {
        Predictors fitted;
        for (std::size_t p = 0; p < points; ++p) {
            auto const one = collectively(comm, "", [&] { return learner(p, threads); });
            fitted.push_back(one->fit(comm, set).predictor);
        }
        return fitted;
    }
    auto const rows = set_everywhere(comm, set);
    Communicator const self = Communicator::self();
    Predictors fitted = collectively(comm, "", [&] {
        return fit_own(self, comm.rank(), comm.size(), *rows, points, learner, workers);
    });
    exchange(comm, fitted);
    return fitted;
}

}  // namespace partita::pipeline
