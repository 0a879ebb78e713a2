#include "ml/trees/bin_edges.hpp"

#include "ml/trees/for_blocks.hpp"

#include "partita/comm/all_to_all.hpp"
#include "partita/core/random.hpp"

#include <algorithm>

namespace partita::ml {

namespace {

constexpr std::int64_t sample_rows = 200'000;
constexpr std::int64_t sample_values = std::int64_t{64} << 20;

/// Rows of this rank's blocks that are in the sample, with their features.
std::vector<double> sampled_rows(Communicator const& comm, TrainingSet const& set,
                                 std::uint64_t seed, int threads) {
    std::int64_t const d = set.features();
    std::int64_t const wanted = std::min(
        sample_rows, std::max<std::int64_t>(sample_values / std::max<std::int64_t>(d, 1), 10'000));
    double const chance = static_cast<double>(wanted) / static_cast<double>(set.rows());
    RowRange const mine = set.blocking().blocks_of(comm.rank(), comm.size());
    std::vector<std::vector<double>> parts(static_cast<std::size_t>(mine.size()));
    for_blocks(comm, set, "sample of features", threads, [&](std::int64_t b, Batch const& batch) {
        std::vector<double>& part = parts[static_cast<std::size_t>(b - mine.first)];
        for (std::int64_t i = 0; i < batch.x.rows; ++i) {
            auto const row = static_cast<std::uint64_t>(batch.rows.first + i);
            if (chance >= 1 || RandomStream(seed, row).uniform() < chance)
                part.insert(part.end(), batch.x.row_data(i), batch.x.row_data(i) + d);
        }
    });
    std::vector<double> all;
    for (std::vector<double>& part : parts) {
        all.insert(all.end(), part.begin(), part.end());
        part = {};
    }
    return all;
}

/// Values by feature: each rank's features' to it.
Received<double> exchange_columns(Communicator const& comm, std::vector<double> const& rows,
                                  std::int64_t d) {
    std::int64_t const n = d > 0 ? std::ssize(rows) / d : 0;
    std::vector<double> columns(rows.size());
    for (std::int64_t i = 0; i < n; ++i)
        for (std::int64_t j = 0; j < d; ++j)
            columns[static_cast<std::size_t>(j * n + i)] =
                rows[static_cast<std::size_t>(i * d + j)];
    std::vector<std::int64_t> counts;
    for (int r = 0; r < comm.size(); ++r) counts.push_back(share_of(d, comm.size(), r).size() * n);
    return all_to_all<double>(comm, columns, counts);
}

/// The values of the i-th of `features` features that came from all ranks.
std::vector<double> sorted_column(Received<double> const& received, std::int64_t i,
                                  std::int64_t features) {
    std::vector<double> values;
    auto at = received.items().begin();
    for (std::int64_t const count : received.counts) {
        std::int64_t const rows = count / features;
        values.insert(values.end(), at + i * rows, at + (i + 1) * rows);
        at += count;
    }
    std::sort(values.begin(), values.end());
    return values;
}

double between(double low, double high) {
    double const middle = low + (high - low) / 2;
    return middle < high ? middle : low;
}

}  // namespace

std::vector<double> edges_between(std::span<double const> sorted, std::int64_t max_bins) {
    std::vector<std::pair<double, std::int64_t>> distinct;
    for (double const x : sorted) {
        if (distinct.empty() || distinct.back().first < x) distinct.emplace_back(x, 0);
        ++distinct.back().second;
    }
    std::vector<double> edges;
    bool const all = std::ssize(distinct) <= max_bins;
    std::int64_t left = std::ssize(sorted), bins_left = max_bins, held = 0;
    for (std::size_t i = 0; i + 1 < distinct.size() && bins_left > 1; ++i) {
        held += distinct[i].second;
        // Close the bin where its size is nearest to an even share of what is left.
        if (!all && (2 * held + distinct[i + 1].second) * bins_left < 2 * left) continue;
        edges.push_back(between(distinct[i].first, distinct[i + 1].first));
        left -= held;
        held = 0;
        --bins_left;
    }
    return edges;
}

BinEdges find_bin_edges(Communicator const& comm, TrainingSet const& set, std::int64_t max_bins,
                        std::uint64_t seed, int threads) {
    std::int64_t const d = set.features();
    Received<double> const received =
        exchange_columns(comm, sampled_rows(comm, set, seed, threads), d);
    std::int64_t const own = share_of(d, comm.size(), comm.rank()).size();
    std::vector<std::vector<double>> mine(static_cast<std::size_t>(own));
#pragma omp parallel for schedule(dynamic) num_threads(thread_count(threads))
    for (std::int64_t j = 0; j < own; ++j)
        mine[static_cast<std::size_t>(j)] =
            edges_between(sorted_column(received, j, own), max_bins);
    std::vector<std::int64_t> sizes;
    std::vector<double> values;
    for (std::vector<double> const& edges : mine) {
        sizes.push_back(std::ssize(edges));
        values.insert(values.end(), edges.begin(), edges.end());
    }
    sizes = comm.all_gather_varying(std::span<std::int64_t const>(sizes));
    values = comm.all_gather_varying(std::span<double const>(values));
    BinEdges edges;
    auto at = values.begin();
    for (std::int64_t const size : sizes) {
        edges.of_feature.emplace_back(at, at + size);
        at += size;
    }
    return edges;
}

}  // namespace partita::ml
