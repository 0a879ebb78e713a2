#include "partita/comm/all_to_all.hpp"
#include "partita/comm/collectively.hpp"
#include "partita/core/bytes.hpp"
#include "partita/core/error.hpp"
#include "partita/pipeline/learner.hpp"
#include "partita/pipeline/load.hpp"

namespace partita::pipeline {

namespace {

struct LocalRows {
    std::vector<double> x, y, weights;
    std::unique_ptr<ml::DenseTrainingSet> set;
};

void read_all(Communicator const& comm, ml::TrainingSet const& set, LocalRows& rows) {
    RowRange const blocks = set.blocking().blocks_of(comm.rank(), comm.size());
    ml::BatchBuffer buffer;
    for (std::int64_t b = blocks.first; b < blocks.last; ++b) {
        ml::Batch const batch = set.read(set.blocking().block(b), buffer);
        rows.x.insert(rows.x.end(), batch.x.data, batch.x.data + batch.x.size());
        rows.y.insert(rows.y.end(), batch.y.begin(), batch.y.end());
        rows.weights.insert(rows.weights.end(), batch.weights.begin(), batch.weights.end());
    }
}

}  // namespace

std::shared_ptr<ml::TrainingSet const> set_on_root(Communicator const& comm,
                                                   ml::TrainingSet const& set,
                                                   std::int64_t most_bytes) {
    std::int64_t const bytes = saturated_product(set.rows(), 8 * (set.features() + 1));
    check_everywhere(
        bytes <= most_bytes,
        "--on-root: the rows take {}: expected at most half of a rank's memory, {}; give a "
        "smaller --sample",
        format_bytes(static_cast<double>(bytes)),
        format_bytes(2.0 * static_cast<double>(most_bytes)));
    auto owner = std::make_shared<LocalRows>();
    collectively(comm, "", [&] { read_all(comm, set, *owner); });
    auto const gather = [&](std::vector<double>& values) {
        std::vector<std::int64_t> counts(static_cast<std::size_t>(comm.size()), 0);
        counts[0] = std::ssize(values);
        auto const received = all_to_all<double>(comm, values, counts);
        values.assign(received.items().begin(), received.items().end());
    };
    gather(owner->x);
    gather(owner->y);
    gather(owner->weights);
    Communicator const self = Communicator::self();
    std::int64_t const rows = comm.is_root() ? set.rows() : 0;
    owner->set = collectively(comm, "", [&] {
        return std::make_unique<ml::DenseTrainingSet>(
            self, ml::Reals(owner->x.data(), rows, set.features()), owner->y, owner->weights);
    });
    return {owner, owner->set.get()};
}

std::shared_ptr<ml::TrainingSet const> set_everywhere(Communicator const& comm,
                                                      ml::TrainingSet const& set) {
    auto owner = std::make_shared<LocalRows>();
    collectively(comm, "", [&] { read_all(comm, set, *owner); });
    for (std::vector<double>* const values : {&owner->x, &owner->y, &owner->weights})
        *values = comm.all_gather_varying(std::span<double const>(*values));
    Communicator const self = Communicator::self();
    std::int64_t const block_rows =
        set.blocking().blocks() > 0 ? set.blocking().block(0).size() : 0;
    owner->set = collectively(comm, "", [&] {
        return std::make_unique<ml::DenseTrainingSet>(
            self, ml::Reals(owner->x.data(), set.rows(), set.features()), owner->y, owner->weights,
            block_rows);
    });
    return {owner, owner->set.get()};
}

Fitted fit_on_root(Communicator const& comm, ml::TrainingSet const& set, FitFunction const& fit,
                   std::int64_t most_bytes) {
    auto const rows = set_on_root(comm, set, most_bytes);
    Communicator const self = Communicator::self();
    Fitted fitted =
        collectively(comm, "", [&] { return comm.is_root() ? fit(self, *rows) : Fitted{}; });
    std::string const kind =
        comm.broadcast(comm.is_root() ? fitted.predictor->kind() : std::string());
    std::string const json =
        comm.broadcast(comm.is_root() ? fitted.predictor->to_json() : std::string());
    fitted.predictor = collectively(comm, "", [&] { return ml::read_predictor(kind, json); });
    return fitted;
}

}  // namespace partita::pipeline
