#include "partita/knn/distance.hpp"

#include "knn/kernels/scan_kernels.hpp"

#include <cmath>
#include <cstring>

namespace partita::knn {
namespace {

bool is_zero(float const* x, std::int64_t dim) {
    for (std::int64_t i = 0; i < dim; ++i) {
        float value;
        std::memcpy(&value, x + i, sizeof value);
        if (value != 0) return false;
    }
    return true;
}

}  // namespace

double rank_distance(Metric metric, float const* x, float const* y, std::int64_t dim) {
    ScanKernels const& kernels = scan_kernels();
    switch (metric) {
        case Metric::l2:
            return kernels.squared_l2(x, y, dim);
        case Metric::inner_product:
            return -kernels.inner_product(x, y, dim);
        case Metric::cosine:
            break;
    }
    if (is_zero(x, dim) || is_zero(y, dim)) return 1;
    return kernels.squared_l2(x, y, dim) / 2;
}

float reported_distance(Metric metric, double rank_distance) {
    return static_cast<float>(metric == Metric::l2 ? std::sqrt(rank_distance) : rank_distance);
}

std::int64_t normalise_rows(MutableMatrixView rows) {
    std::int64_t zero_rows = 0;
#pragma omp parallel for reduction(+ : zero_rows)
    for (std::int64_t i = 0; i < rows.rows; ++i) {
        auto const row = rows.row(i);
        double const length =
            std::sqrt(scan_kernels().inner_product(row.data(), row.data(), rows.cols));
        if (length == 0) {
            ++zero_rows;
            continue;
        }
        for (float& value : row) value = static_cast<float>(value / length);
    }
    return zero_rows;
}

}  // namespace partita::knn
