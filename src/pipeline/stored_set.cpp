#include "pipeline/stored_set.hpp"

#include "partita/comm/all_to_all.hpp"
#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"

#include <algorithm>

namespace partita::pipeline {

RowFile::Run RowFile::append(std::span<double const> values) {
    std::int64_t const offset =
        file_->append(values.data(), static_cast<std::int64_t>(values.size_bytes()));
    return {0, std::ssize(values) / width_, offset};
}

void RowFile::sort_runs() {
    std::sort(runs_.begin(), runs_.end(),
              [](Run const& a, Run const& b) { return a.first < b.first; });
}

void RowFile::read(RowRange rows, double* out) const {
    auto run = std::upper_bound(runs_.begin(), runs_.end(), rows.first,
                                [](std::int64_t row, Run const& r) { return row < r.first; });
    if (run != runs_.begin()) --run;
    for (std::int64_t row = rows.first; row < rows.last; ++run) {
        check(run != runs_.end() && run->first <= row, "rows {} to {} are not in scratch", row,
              rows.last);
        std::int64_t const last = std::min(rows.last, run->first + run->rows);
        if (last <= row) continue;
        auto const row_bytes = static_cast<std::int64_t>(sizeof(double)) * width_;
        file_->read(run->offset + (row - run->first) * row_bytes, out, (last - row) * row_bytes);
        out += (last - row) * width_;
        row = last;
    }
}

double place_of_label(std::vector<double> const& numbers, double label) {
    if (numbers.empty()) return label;
    auto const at = std::lower_bound(numbers.begin(), numbers.end(), label);
    return static_cast<double>(at - numbers.begin());
}

StoredSet::StoredSet(Communicator const& comm, ml::Blocking blocking, std::unique_ptr<RowFile> file,
                     RowRange held, bool labelled, bool weighted, std::vector<double> label_numbers,
                     std::int64_t round_bytes)
    : TrainingSet(blocking, file->width() - labelled - weighted, labelled),
      file_(std::move(file)),
      weighted_(weighted),
      label_numbers_(std::move(label_numbers)) {
    file_->sort_runs();
    move_rows(comm, held, round_bytes);
    file_->sort_runs();
}

/// In each round a rank sends its next rows that others own: ascending, so that what goes to one
/// rank is a run, whose first row number goes ahead.
void StoredSet::move_rows(Communicator const& comm, RowRange held, std::int64_t round_bytes) {
    RowRange const owned = blocking().rows_of(comm.rank(), comm.size());
    std::int64_t const width = file_->width();
    std::int64_t const round_rows = std::max<std::int64_t>(
        1, round_bytes / (width * static_cast<std::int64_t>(sizeof(double))));
    std::int64_t next = held.first;
    std::vector<RowFile::Run> arrived;  // apart, for reading wants sorted runs
    while (true) {
        if (next >= owned.first && next < owned.last) next = owned.last;
        std::int64_t last = std::min(held.last, next + round_rows);
        if (next < owned.first) last = std::min(last, owned.first);
        if (comm.all_reduce(std::max<std::int64_t>(last - next, 0), Reduce::max) == 0) break;
        auto const ranks = static_cast<std::size_t>(comm.size());
        std::vector<std::int64_t> counts(ranks, 0), first(ranks, 0);
        std::vector<double> values;
        collectively(comm, "move rows", [&] {
            for (std::int64_t row = next; row < last; ++row) {
                auto const to = static_cast<std::size_t>(blocking().owner_of(row, comm.size()));
                if (counts[to] == 0) first[to] = row;
                counts[to] += width;
            }
            values.resize(static_cast<std::size_t>(std::max<std::int64_t>(last - next, 0) * width));
            if (next < last) file_->read({next, last}, values.data());
        });
        std::vector<std::int64_t> const ones(ranks, 1);
        auto const firsts = all_to_all<std::int64_t>(comm, first, ones);
        auto const received = all_to_all<double>(comm, values, counts);
        collectively(comm, "move rows", [&] {
            std::size_t at = 0;
            for (std::size_t r = 0; r < ranks; ++r) {
                auto const size = static_cast<std::size_t>(received.counts[r]);
                if (size == 0) continue;
                RowFile::Run run = file_->append(received.items().subspan(at, size));
                run.first = firsts.items()[r];
                arrived.push_back(run);
                at += size;
            }
        });
        next = std::max(next, last);
    }
    for (RowFile::Run const& run : arrived) file_->add_run(run);
}

ml::Batch StoredSet::read(RowRange rows, ml::BatchBuffer& buffer) const {
    std::int64_t const width = file_->width(), n = rows.size();
    buffer.x.resize(static_cast<std::size_t>(n * width));
    file_->read(rows, buffer.x.data());
    if (width == features()) return {rows, ml::Reals(buffer.x.data(), n, width), {}, {}};
    buffer.y.resize(static_cast<std::size_t>(labelled() ? n : 0));
    buffer.weights.resize(static_cast<std::size_t>(weighted_ ? n : 0));
    // Labels and weights are taken out in place: each row moves towards the front.
    for (std::int64_t i = 0; i < n; ++i) {
        double const* const from = buffer.x.data() + i * width;
        if (labelled())
            buffer.y[static_cast<std::size_t>(i)] =
                place_of_label(label_numbers_, from[features()]);
        if (weighted_) buffer.weights[static_cast<std::size_t>(i)] = from[width - 1];
        std::copy_n(from, features(), buffer.x.data() + i * features());
    }
    return {rows, ml::Reals(buffer.x.data(), n, features()), buffer.y, buffer.weights};
}

}  // namespace partita::pipeline
