#include "partita/ml/training_set.hpp"

#include "partita/comm/all_to_all.hpp"
#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"

#include <cmath>
#include <optional>

namespace partita::ml {

namespace {

using Numbers = std::span<double const>;

/// Whether all ranks that have rows agree on having `values`, one for each.
bool agree_on_presence(Communicator const& comm, std::int64_t rows, Numbers values,
                       char const* name) {
    bool const here = !values.empty();
    bool const any = comm.all_reduce(here ? 1 : 0, Reduce::max) == 1;
    collectively(comm, "training set", [&] {
        check(!any || std::ssize(values) == rows, "expected {} {}, one a row, got {}", rows, name,
              values.size());
    });
    return any;
}

void check_numbers(Reals x, std::int64_t first_row) {
    for (std::int64_t i = 0; i < x.size(); ++i)
        if (!std::isfinite(x.data[i]))
            fail("row {}, feature {}: expected a finite number, got {}", first_row + i / x.cols,
                 i % x.cols, x.data[i]);
}

void check_column(Numbers values, std::int64_t first_row, char const* name, double least) {
    for (std::size_t i = 0; i < values.size(); ++i)
        if (!std::isfinite(values[i]) || values[i] < least)
            fail("row {}: expected a {}, got {}", first_row + static_cast<std::int64_t>(i), name,
                 values[i]);
}

/// Rows of this rank for each rank, given where they stand now and who owns them.
std::vector<std::int64_t> destinations(Blocking const& blocking, RowRange held, int ranks) {
    std::vector<std::int64_t> counts(static_cast<std::size_t>(ranks), 0);
    for (int r = 0; r < ranks; ++r) {
        RowRange const theirs = blocking.rows_of(r, ranks);
        RowRange const both{std::max(held.first, theirs.first), std::min(held.last, theirs.last)};
        counts[static_cast<std::size_t>(r)] = std::max<std::int64_t>(both.size(), 0);
    }
    return counts;
}

}  // namespace

/// Rows as they are spread at first, once ranks agree about them.
struct DenseTrainingSet::Layout {
    Reals x;
    Numbers y, weights;
    RowRange held;
    Blocking blocking;
    std::int64_t features = 0;
    bool has_y = false, has_weights = false;

    Layout(Communicator const& comm, Reals rows, Numbers labels, Numbers given_weights,
           std::int64_t block_rows)
        : x(rows), y(labels), weights(given_weights) {
        features = comm.all_reduce(x.cols, Reduce::max);
        held.first = comm.exclusive_sum(x.rows);
        held.last = held.first + x.rows;
        blocking = Blocking(comm.all_reduce(x.rows, Reduce::sum), block_rows);
        has_y = agree_on_presence(comm, x.rows, y, "labels");
        has_weights = agree_on_presence(comm, x.rows, weights, "weights");
        collectively(comm, "training set", [&] {
            check(x.rows == 0 || x.cols == features,
                  "expected {} features as on other ranks, got {}", features, x.cols);
            check_numbers(x, held.first);
            check_column(y, held.first, "finite label", -HUGE_VAL);
            check_column(weights, held.first, "finite weight of at least 0", 0);
        });
    }
};

DenseTrainingSet::DenseTrainingSet(Communicator const& comm, Reals x, Numbers y, Numbers weights,
                                   std::int64_t block_rows)
    : DenseTrainingSet(comm, Layout(comm, x, y, weights, block_rows)) {}

DenseTrainingSet::DenseTrainingSet(Communicator const& comm, Layout layout)
    : TrainingSet(layout.blocking, layout.features, layout.has_y),
      owned_(layout.blocking.rows_of(comm.rank(), comm.size())),
      x_(layout.x.data, layout.x.rows, layout.features),
      y_(layout.y),
      weights_(layout.weights) {
    bool const moves = layout.held != owned_ && !(layout.held.empty() && owned_.empty());
    if (comm.all_reduce(moves ? 1 : 0, Reduce::max) == 0) return;
    std::vector<std::int64_t> const counts =
        destinations(layout.blocking, layout.held, comm.size());
    auto const move = [&](Numbers values, std::int64_t width, Buffer<std::byte>& storage) {
        std::vector<std::int64_t> scaled = counts;
        for (std::int64_t& count : scaled) count *= width;
        auto received = all_to_all<double>(comm, values, scaled);
        storage = std::move(received.storage);
        return Numbers(reinterpret_cast<double const*>(storage.data()),
                       static_cast<std::size_t>(owned_.size() * width));
    };
    std::int64_t const features = layout.features;
    Numbers const all(x_.data, static_cast<std::size_t>(x_.size()));
    x_ = Reals(move(all, features, moved_x_).data(), owned_.size(), features);
    if (layout.has_y) y_ = move(layout.y, 1, moved_y_);
    if (layout.has_weights) weights_ = move(layout.weights, 1, moved_weights_);
}

void refuse_sparse(TrainingSet const& set, std::string_view what) {
    check_everywhere(
        !set.sparse(),
        "{}: expected dense rows, got sparse ones, from which only linear and logistic "
        "regression learn",
        what);
}

Batch DenseTrainingSet::read(RowRange rows, BatchBuffer&) const {
    std::int64_t const first = rows.first - owned_.first, last = rows.last - owned_.first;
    auto const part = [&](Numbers values) {
        return values.empty() ? values
                              : values.subspan(static_cast<std::size_t>(first),
                                               static_cast<std::size_t>(rows.size()));
    };
    return {rows, x_.slice(first, last), part(y_), part(weights_), {}};
}

}  // namespace partita::ml
