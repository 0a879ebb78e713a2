#include "partita/ml/sparse_set.hpp"

#include "partita/comm/all_to_all.hpp"
#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"

#include <algorithm>

namespace partita::ml {

namespace {

constexpr std::int64_t fewest_blocks = 16;
constexpr std::int64_t entries_a_feature = 4;  // of a block: sums over features cost less then

std::int64_t block_rows_for(std::int64_t rows, std::int64_t entries, std::int64_t features) {
    std::int64_t const usual = Blocking(rows).block(0).size();
    std::int64_t const blocks = std::max(fewest_blocks, entries / (entries_a_feature * features));
    return std::max<std::int64_t>({usual, (rows + blocks - 1) / blocks, 1});
}

template <class T>
std::vector<T> move_items(Communicator const& comm, std::vector<T> const& items,
                          std::vector<std::int64_t> const& counts) {
    Received<T> const received = all_to_all<T>(comm, std::span<T const>(items), counts);
    return {received.items().begin(), received.items().end()};
}

/// Rows of [held) that each rank owns.
std::vector<std::int64_t> rows_for_ranks(Blocking const& blocking, RowRange held, int ranks) {
    std::vector<std::int64_t> counts;
    for (int r = 0; r < ranks; ++r) {
        RowRange const theirs = blocking.rows_of(r, ranks);
        RowRange const both{std::max(held.first, theirs.first), std::min(held.last, theirs.last)};
        counts.push_back(std::max<std::int64_t>(both.size(), 0));
    }
    return counts;
}

/// Collective: rows that lie rank by rank go to those that own them.
format::LibsvmRows spread_rows(Communicator const& comm, format::LibsvmRows rows,
                               Blocking const& blocking) {
    std::int64_t const first = comm.exclusive_sum(rows.rows());
    RowRange const held{first, first + rows.rows()};
    std::vector<std::int64_t> const counts = rows_for_ranks(blocking, held, comm.size());
    std::vector<std::int64_t> lengths, entries;
    for (std::size_t i = 0; i + 1 < rows.starts.size(); ++i)
        lengths.push_back(rows.starts[i + 1] - rows.starts[i]);
    std::size_t row = 0;
    for (std::int64_t const count : counts) {
        std::size_t const last = row + static_cast<std::size_t>(count);
        entries.push_back(rows.starts[last] - rows.starts[row]);
        row = last;
    }
    format::LibsvmRows moved;
    moved.labels = move_items(comm, rows.labels, counts);
    lengths = move_items(comm, lengths, counts);
    for (std::int64_t const length : lengths) moved.starts.push_back(moved.starts.back() + length);
    moved.columns = move_items(comm, rows.columns, entries);
    moved.values = move_items(comm, rows.values, entries);
    return moved;
}

}  // namespace

struct SparseTrainingSet::Layout {
    format::LibsvmRows rows;
    std::int64_t features = 0, entries = 0;
    Blocking blocking;

    Layout(Communicator const& comm, format::LibsvmRows given, std::int64_t wanted,
           std::int64_t block_rows) {
        std::int64_t const widest = comm.all_reduce(given.width, Reduce::max);
        check_everywhere(wanted == 0 || widest <= wanted,
                         "sparse rows: expected at most {} features, got {}", wanted, widest);
        features = std::max<std::int64_t>(1, wanted > 0 ? wanted : widest);
        entries = comm.all_reduce(std::ssize(given.values), Reduce::sum);
        std::int64_t const n = comm.all_reduce(given.rows(), Reduce::sum);
        blocking = Blocking(n, block_rows > 0 ? block_rows : block_rows_for(n, entries, features));
        rows = spread_rows(comm, std::move(given), blocking);
    }
};

SparseTrainingSet::SparseTrainingSet(Communicator const& comm, format::LibsvmRows rows,
                                     std::int64_t features, std::int64_t block_rows)
    : SparseTrainingSet(comm, Layout(comm, std::move(rows), features, block_rows)) {}

SparseTrainingSet::SparseTrainingSet(Communicator const& comm, Layout layout)
    : TrainingSet(layout.blocking, layout.features, true),
      owned_(layout.blocking.rows_of(comm.rank(), comm.size())),
      entries_(layout.entries),
      rows_(std::move(layout.rows)) {}

void SparseTrainingSet::set_labels(std::vector<double> labels) {
    check(labels.size() == rows_.labels.size(), "expected {} labels, got {}", rows_.labels.size(),
          labels.size());
    rows_.labels = std::move(labels);
}

Batch SparseTrainingSet::read(RowRange rows, BatchBuffer&) const {
    auto const first = static_cast<std::size_t>(rows.first - owned_.first);
    auto const count = static_cast<std::size_t>(rows.size());
    Batch batch;
    batch.rows = rows;
    batch.y = std::span(rows_.labels).subspan(first, count);
    batch.sparse = {std::span(rows_.starts).subspan(first, count + 1), rows_.columns.data(),
                    rows_.values.data(), features()};
    return batch;
}

format::LibsvmRows read_libsvm(Communicator const& comm, std::string const& path) {
    return collectively(comm, "", [&] {
        format::LibsvmFile const file(path);
        RowRange const share = share_of(file.end() - file.begin(), comm.size(), comm.rank());
        format::LibsvmRows rows;
        file.read(file.begin() + share.first, file.begin() + share.last, rows);
        return rows;
    });
}

}  // namespace partita::ml
