#include "knn/build/builders.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/hash.hpp"
#include "partita/knn/distance.hpp"
#include "partita/knn/evaluate.hpp"
#include "partita/knn/exact_search.hpp"
#include "partita/obs/progress.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <vector>

namespace partita::knn {

namespace {

/// A found vector with the distance by which it is ranked.
struct Ranked {
    double distance;
    std::int64_t position;
    friend bool operator<(Ranked const& a, Ranked const& b) {
        return a.distance < b.distance || (a.distance == b.distance && a.position < b.position);
    }
};

void keep_nearest(std::vector<Ranked>& list, std::int64_t k) {
    std::sort(list.begin(), list.end());
    if (static_cast<std::int64_t>(list.size()) > k) list.resize(static_cast<std::size_t>(k));
}

/// Rank-local: the nearest of this rank's share of the base, for each query.
std::vector<std::vector<Ranked>> search_share(io::VectorSource const& base, RowRange share,
                                              MatrixView queries, std::int64_t k, Metric metric,
                                              std::int64_t memory_bytes, obs::Progress& progress) {
    std::vector<std::vector<Ranked>> nearest(static_cast<std::size_t>(queries.rows));
    std::int64_t const block = rows_per_block(base.dim(), memory_bytes);
    std::int64_t zeros = 0;
    for (std::int64_t first = share.first; first < share.last; first += block) {
        RowRange const part{first, std::min(first + block, share.last)};
        Matrix const rows = read_for_metric(base, part, metric, zeros);
        Neighbors const found = exact_search(rows.view(), queries, k, metric);
        for (std::int64_t q = 0; q < queries.rows; ++q) {
            auto& list = nearest[static_cast<std::size_t>(q)];
            for (std::int64_t j = 0; j < k && found.positions.row(q)[j] >= 0; ++j) {
                std::int64_t const row = found.positions.row(q)[j];
                list.push_back(
                    {rank_distance(metric, queries.row_data(q), rows.row(row), base.dim()),
                     first + row});
            }
            keep_nearest(list, k);
        }
        progress.add(part.size());
    }
    return nearest;
}

}  // namespace

std::vector<std::int64_t> sample_rows(std::int64_t rows, std::int64_t wanted, std::uint64_t seed) {
    std::vector<std::int64_t> sample;
    // One row from each of `wanted` equal ranges: spread over the whole, without repetition.
    std::int64_t const count = std::min(rows, wanted);
    for (std::int64_t i = 0; i < count; ++i) {
        RowRange const range = share_of(rows, count, i);
        std::uint64_t const hash = combine_hashes(seed, static_cast<std::uint64_t>(i));
        sample.push_back(range.first + static_cast<std::int64_t>(
                                           hash % static_cast<std::uint64_t>(range.size())));
    }
    return sample;
}

Neighbors exact_neighbors(Communicator const& comm, io::VectorSource const& base,
                          MatrixView queries, std::int64_t k, Metric metric,
                          std::int64_t memory_bytes) {
    RowRange const share = share_of(base.rows(), comm.size(), comm.rank());
    obs::Progress progress("exact search", "vectors", share.size(), base.rows());
    auto const mine = collectively(comm, "", [&] {
        return search_share(base, share, queries, k, metric, memory_bytes, progress);
    });
    std::vector<Ranked> flat;
    for (auto list : mine) {
        list.resize(static_cast<std::size_t>(k), {std::numeric_limits<double>::infinity(), -1});
        flat.insert(flat.end(), list.begin(), list.end());
    }
    // Queries x k of each rank: small by the contract.
    std::vector<Ranked> const all = comm.all_gather_varying(std::span<Ranked const>(flat));
    Neighbors result(queries.rows, k);
    for (std::int64_t q = 0; q < queries.rows; ++q) {
        std::vector<Ranked> merged;
        for (int r = 0; r < comm.size(); ++r) {
            auto const begin = all.begin() + (r * queries.rows + q) * k;
            std::copy_if(begin, begin + k, std::back_inserter(merged),
                         [](Ranked const& x) { return x.position >= 0; });
        }
        keep_nearest(merged, k);
        merged.resize(static_cast<std::size_t>(k), {std::numeric_limits<double>::infinity(), -1});
        for (std::int64_t j = 0; j < k; ++j) {
            Ranked const& r = merged[static_cast<std::size_t>(j)];
            result.positions.row(q)[j] = r.position;
            result.distances.row(q)[j] = r.position < 0 ? std::numeric_limits<float>::infinity()
                                                        : reported_distance(metric, r.distance);
        }
    }
    return result;
}

}  // namespace partita::knn
