#pragma once

#include "partita/ml/kmeans.hpp"

#include <span>
#include <vector>

namespace partita::ml {

/// The centres that Lloyd's algorithm starts from. Collective; the same on every rank.
/// @param origin  Near the data.
/// @return At most options.clusters rows, all distinct.
RealMatrix starting_centres(Communicator const& comm, TrainingSet const& set,
                            KMeansOptions const& options, std::span<double const> origin);

/// k of the weighted points, by greedy k-means++ (Arthur and Vassilvitskii 2007: the best of some
/// draws each time), the cheapest of up to eight runs. Fewer when there are fewer distinct points.
/// Rank-local.
RealMatrix choose_plus_plus(Reals points, std::span<double const> weights, std::int64_t k,
                            std::uint64_t seed);

}  // namespace partita::ml
