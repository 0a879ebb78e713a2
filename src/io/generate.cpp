#include "partita/io/generate.hpp"

#include "io/normal_numbers.hpp"

#include "partita/core/error.hpp"
#include "partita/core/suggest.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace partita::io {
namespace {

/// Streams of rows are their numbers; centres and axes get streams that no row has.
constexpr std::uint64_t centre_stream = std::uint64_t{1} << 63;
constexpr std::uint64_t axes_stream = std::uint64_t{1} << 62;

GenerateOptions with_defaults(GenerateOptions options) {
    bool const hard = options.kind == DataKind::hard;
    if (options.intrinsic_dim == 0 && hard)
        options.intrinsic_dim = std::min<std::int64_t>(12, options.dim);
    if (options.noise < 0) options.noise = hard ? 0.05 : 0.2;
    if (options.kind == DataKind::uniform) options.clusters = options.intrinsic_dim = 0;
    return options;
}

void check_options(GenerateOptions const& options) {
    check(options.rows > 0, "rows: expected at least 1, got {}", options.rows);
    check(options.dim > 0, "dimension: expected at least 1, got {}", options.dim);
    check(options.clusters > 0, "clusters: expected at least 1, got {}", options.clusters);
    check(options.intrinsic_dim >= 0 && options.intrinsic_dim <= options.dim,
          "intrinsic dimension: expected 0 to {} (the dimension), got {}", options.dim,
          options.intrinsic_dim);
    check(std::isfinite(options.noise), "noise: expected a finite number, got {}", options.noise);
}

/// rows x dim normal numbers with this standard deviation, each row from a stream of its own.
Matrix normal_rows(GenerateOptions const& options, std::int64_t rows, std::uint64_t first_stream,
                   double deviation) {
    Matrix matrix(rows, options.dim);
    for (std::int64_t i = 0; i < rows; ++i) {
        RandomStream stream(options.seed, first_stream + static_cast<std::uint64_t>(i));
        fill_normal(stream, matrix.row(i), options.dim);
        for (std::int64_t j = 0; j < options.dim; ++j)
            matrix.row(i)[j] *= static_cast<float>(deviation);
    }
    return matrix;
}

/// What `kind` looks like: deviations of centres and of points along their cluster's axes.
struct Spread {
    double centres, points;
};
Spread spread_of(DataKind kind) {
    return kind == DataKind::hard ? Spread{0.5, 1.0} : Spread{1.0, 0.3};
}

}  // namespace

VectorGenerator::VectorGenerator(GenerateOptions const& options) {
    check_options(options);
    options_ = with_defaults(options);
    if (options_.kind == DataKind::uniform) {
        scale_ = 256;
        return;
    }
    Spread const spread = spread_of(options_.kind);
    auto const axes = static_cast<double>(std::max<std::int64_t>(options_.intrinsic_dim, 1));
    centres_ = normal_rows(options_, options_.clusters, centre_stream, spread.centres);
    axes_ = normal_rows(options_, options_.clusters * options_.intrinsic_dim, axes_stream,
                        spread.points / std::sqrt(axes));
    double const points = options_.intrinsic_dim > 0 ? spread.points : 0;
    double const deviation = std::sqrt(spread.centres * spread.centres + points * points +
                                       options_.noise * options_.noise);
    scale_ = static_cast<float>(32 / deviation);  // four deviations each way
    offset_ = 128;
}

void VectorGenerator::fill_row(std::int64_t row, float* out) const {
    RandomStream stream(options_.seed, static_cast<std::uint64_t>(row));
    std::int64_t const dim = options_.dim, axes = options_.intrinsic_dim;
    if (options_.kind == DataKind::uniform) return fill_uniform(stream, out, dim);
    auto const cluster =
        static_cast<std::int64_t>(stream.below(static_cast<std::uint64_t>(options_.clusters)));
    fill_normal(stream, out, dim);
    float const* const centre = centres_.row(cluster);
    auto const noise = static_cast<float>(options_.noise);
    for (std::int64_t j = 0; j < dim; ++j) out[j] = centre[j] + noise * out[j];
    for (std::int64_t i = 0; i < axes; ++i) {
        float along = 0;
        fill_normal(stream, &along, 1);
        float const* const axis = axes_.row(cluster * axes + i);
        for (std::int64_t j = 0; j < dim; ++j) out[j] += along * axis[j];
    }
}

void VectorGenerator::fill(std::int64_t first, std::int64_t last, float* out) const {
    for (std::int64_t row = first; row < last; ++row)
        fill_row(row, out + (row - first) * options_.dim);
}

void VectorGenerator::fill_whole(std::int64_t first, std::int64_t last, float* out) const {
    fill(first, last, out);
    for (std::int64_t i = 0; i < (last - first) * options_.dim; ++i)
        out[i] = std::floor(std::clamp(offset_ + scale_ * out[i], 0.f, 255.f));
}

std::int64_t generator_bytes(GenerateOptions const& options) {
    GenerateOptions const full = with_defaults(options);
    std::int64_t const rows = saturated_product(full.clusters, full.intrinsic_dim + 1);
    return saturated_product(saturated_product(rows, full.dim), sizeof(float));
}

DataKind parse_data_kind(std::string const& text) {
    std::vector<std::string> const names{"clustered", "uniform", "hard"};
    auto const found = std::find(names.begin(), names.end(), text);
    check(found != names.end(), "kind of data: expected {}, got '{}'{}", one_of(names), text,
          did_you_mean(text, names));
    return static_cast<DataKind>(found - names.begin());
}

}  // namespace partita::io
