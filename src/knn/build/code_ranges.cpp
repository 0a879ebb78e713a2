#include "knn/build/code_ranges.hpp"

#include "partita/core/buffer.hpp"
#include "partita/core/error.hpp"
#include "partita/knn/distance.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace partita::knn {

CodeRanges::CodeRanges(ListCoding const& coding) : wanted_(coding.kind == CodeKind::int8) {
    if (!wanted_) return;
    smallest_.assign(static_cast<std::size_t>(coding.dim), std::numeric_limits<float>::infinity());
    largest_.assign(static_cast<std::size_t>(coding.dim), -std::numeric_limits<float>::infinity());
}

void CodeRanges::widen(MatrixView rows, std::int32_t const* lists, MatrixView centroids) {
    if (!wanted_) return;
    for (std::int64_t i = 0; i < rows.rows; ++i) {
        float const* const row = rows.row_data(i);
        float const* const centroid = centroids.row_data(lists[i]);
        for (std::size_t p = 0; p < smallest_.size(); ++p) {
            float const value = row[p] - centroid[p];
            smallest_[p] = std::min(smallest_[p], value);
            largest_[p] = std::max(largest_[p], value);
        }
    }
}

void CodeRanges::agree(Communicator const& comm, ListCoding& coding) {
    if (!wanted_) return;
    comm.all_reduce(std::span(smallest_), Reduce::min);
    comm.all_reduce(std::span(largest_), Reduce::max);
    coding.smallest = smallest_;
    coding.range.clear();
    for (std::size_t p = 0; p < smallest_.size(); ++p)
        coding.range.push_back(largest_[p] - smallest_[p]);
}

double encode_measured(ListCoding const& coding, MatrixView vectors, float const* centroid,
                       std::byte* codes) {
    encode(coding, vectors.data, vectors.rows, centroid, codes);
    Matrix decoded(vectors.rows, vectors.cols);
    decode(coding, codes, vectors.rows, centroid, decoded.data());
    double largest = 0;
    for (std::int64_t i = 0; i < vectors.rows; ++i) {
        double const squared =
            rank_distance(Metric::l2, vectors.row_data(i), decoded.row(i), vectors.cols);
        check(std::isfinite(squared),
              "--codes {}: expected finite numbers{}; take --codes fp32 for these vectors",
              to_string(coding.kind), coding.kind == CodeKind::fp16 ? " of at most 65504" : "");
        largest = std::max(largest, squared);
    }
    return std::sqrt(largest);
}

}  // namespace partita::knn
