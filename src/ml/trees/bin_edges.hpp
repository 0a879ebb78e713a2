#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/ml/training_set.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace partita::ml {

/// Where features are cut: bin b of a feature holds edges[b - 1] < x <= edges[b].
struct BinEdges {
    std::vector<std::vector<double>> of_feature;  ///< Ascending, at most 255 each.

    std::int64_t features() const { return std::ssize(of_feature); }
    std::int64_t bins(std::int64_t feature) const {
        return std::ssize(of_feature[static_cast<std::size_t>(feature)]) + 1;
    }
    /// The bin of `x`.
    static std::int64_t bin_of(std::span<double const> edges, double x) {
        std::size_t base = 0, left = edges.size();
        while (left > 1) {  // without branches: both halves are as likely
            std::size_t const half = left / 2;
            base += edges[base + half - 1] < x ? half : 0;
            left -= half;
        }
        return static_cast<std::int64_t>(base + (left == 1 && edges[base] < x ? 1 : 0));
    }
};

/// Edges between sorted values: between all of them that differ where these are no more than
/// `max_bins`, else so that bins hold about as many values each.
std::vector<double> edges_between(std::span<double const> sorted, std::int64_t max_bins);

/// Collective: edges from a sample of rows, drawn by (seed, row). Each rank sorts the values of
/// some features.
BinEdges find_bin_edges(Communicator const& comm, TrainingSet const& set, std::int64_t max_bins,
                        std::uint64_t seed, int threads);

}  // namespace partita::ml
