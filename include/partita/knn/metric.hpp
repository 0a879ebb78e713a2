#pragma once

#include <string>

namespace partita::knn {

/// How near two vectors are. Reported distances are such that smaller is nearer:
///
/// | metric | distance | in FAISS's index |
/// |---|---|---|
/// | l2 | Euclidean distance | METRIC_L2 on the vectors |
/// | cosine | 1 - cosine of the angle, 0 .. 2 | METRIC_INNER_PRODUCT on vectors of length 1 |
/// | inner_product | minus the inner product | METRIC_INNER_PRODUCT on the vectors |
///
/// A zero vector has no angle: its cosine distance to anything, itself too, is 1.
enum class Metric { l2, cosine, inner_product };

/// "l2", "cosine", "ip" (also "euclidean", "angular", "inner_product").
/// @throws Error with a suggestion.
Metric parse_metric(std::string const& text);
std::string to_string(Metric metric);  ///< "l2", "cosine", "ip".

}  // namespace partita::knn
