#include "partita/ml/class_labels.hpp"

#include "partita/comm/collectively.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace partita::ml {

namespace {

constexpr double most_classes = 1e6;

/// Call visit(row, label) for the rows of this rank.
template <class Visit>
void for_labels(Communicator const& comm, TrainingSet const& set, Visit visit) {
    RowRange const mine = set.blocking().blocks_of(comm.rank(), comm.size());
    BatchBuffer buffer;
    for (std::int64_t b = mine.first; b < mine.last; ++b) {
        Batch const batch = set.read(set.blocking().block(b), buffer);
        for (std::size_t i = 0; i < batch.y.size(); ++i)
            visit(batch.rows.first + static_cast<std::int64_t>(i), batch.y[i]);
    }
}

}  // namespace

LabelRange label_range(Communicator const& comm, TrainingSet const& set, std::string_view what) {
    check_everywhere(set.labelled(), "{}: expected a label for each row, got none", what);
    check_everywhere(set.rows() > 0, "{}: expected rows, got none", what);
    constexpr double infinity = std::numeric_limits<double>::infinity();
    LabelRange range{infinity, -infinity, true};
    collectively(comm, what, [&] {
        for_labels(comm, set, [&](std::int64_t, double y) {
            range.least = std::min(range.least, y);
            range.most = std::max(range.most, y);
            range.whole = range.whole && y == std::floor(y);
        });
    });
    range.least = comm.all_reduce(range.least, Reduce::min);
    range.most = comm.all_reduce(range.most, Reduce::max);
    range.whole = comm.all_reduce(range.whole ? 1 : 0, Reduce::min) == 1;
    return range;
}

std::int64_t count_classes(Communicator const& comm, TrainingSet const& set,
                           std::string_view what) {
    LabelRange const range = label_range(comm, set, what);
    check_everywhere(range.least >= 0 && range.most < most_classes,
                     "{}: expected class numbers 0, 1, ... as labels, got values from {} to {}",
                     what, range.least, range.most);
    if (!range.whole)
        collectively(comm, what, [&] {
            for_labels(comm, set, [](std::int64_t row, double y) {
                check(y == std::floor(y), "row {}: expected a class number as label, got {}", row,
                      y);
            });
        });
    return std::max<std::int64_t>(2, static_cast<std::int64_t>(range.most) + 1);
}

std::vector<double> distinct_labels(Communicator const& comm, std::vector<double> const& local,
                                    std::int64_t most, std::string_view what) {
    auto const distinct = [](std::vector<double> values) {
        std::sort(values.begin(), values.end());
        values.erase(std::unique(values.begin(), values.end()), values.end());
        return values;
    };
    std::vector<double> mine = distinct(local);
    // One too many is enough to refuse, on every rank with the same words.
    mine.resize(std::min(mine.size(), static_cast<std::size_t>(most + 1)));
    std::vector<double> all = distinct(comm.all_gather_varying(std::span<double const>(mine)));
    check_everywhere(std::ssize(all) <= most,
                     "{}: expected at most {} classes, got more different numbers", what, most);
    return all;
}

}  // namespace partita::ml
