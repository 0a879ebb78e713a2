// Scores of bytes without special instructions: the plainest statement of what the others do.

#include "knn/kernels/byte_kernels.hpp"

namespace partita::knn {
namespace {

struct Step {
    float size, inverse;
};

Step step_for(float largest) {
    float const step = largest / 127;
    float const size = step > least_byte_step ? step : least_byte_step;
    return {size, 1 / size};
}

int to_code(float value, Step step) {
    float const code = __builtin_rintf(value * step.inverse);
    return code >= -127 && code <= 127 ? static_cast<int>(code) : 0;  // not so: NaN and infinity
}

float magnitude(float value) { return value < 0 ? -value : value; }

ByteScale round_to_bytes(float const* vector, std::int64_t dim, std::int8_t* codes) {
    float largest = 0;
    for (std::int64_t p = 0; p < dim; ++p)
        largest = magnitude(vector[p]) > largest ? magnitude(vector[p]) : largest;
    Step const step = step_for(largest);
    ByteScale scale{step.size, 0, 0};
    std::int32_t sum = 0;
    for (std::int64_t p = 0; p < byte_groups(dim) * byte_group; ++p) {
        int const code = p < dim ? to_code(vector[p], step) : 0;
        float const error = p < dim ? vector[p] - step.size * static_cast<float>(code) : 0;
        scale.squared_error += error * error;
        sum += code;
        codes[p] = static_cast<std::int8_t>(code);
    }
    scale.product = -byte_zero * sum;
    return scale;
}

void pack_panel(float const* first, std::int64_t rows, std::int64_t dim, float const* centre,
                std::uint8_t* panel, ByteColumns& columns) {
    auto const value = [&](std::int64_t j, std::int64_t p) {
        if (j >= rows || p >= dim) return 0.0f;
        float number;
        __builtin_memcpy(&number, first + j * dim + p, sizeof number);
        return centre ? number - centre[p] : number;
    };
    for (std::int64_t j = 0; j < panel_columns; ++j) {
        float largest = 0;
        columns.squares[j] = columns.squared_errors[j] = 0;
        for (std::int64_t p = 0; p < dim; ++p) {
            float const x = value(j, p);
            largest = magnitude(x) > largest ? magnitude(x) : largest;
            columns.squares[j] += x * x;
        }
        Step const step = step_for(largest);
        columns.steps[j] = step.size;
        for (std::int64_t p = 0; p < byte_groups(dim) * byte_group; ++p) {
            float const x = value(j, p);
            int const code = to_code(x, step);
            float const error = x - step.size * static_cast<float>(code);
            columns.squared_errors[j] += error * error;
            panel[(p / byte_group * panel_columns + j) * byte_group + p % byte_group] =
                static_cast<std::uint8_t>(code + byte_zero);
        }
    }
}

float float_product(float const* x, float const* y, std::int64_t dim) {
    float sum = 0;
    for (std::int64_t p = 0; p < dim; ++p) sum += x[p] * y[p];
    return sum;
}

template <int Queries, int Vectors>
bool score_tile(std::int8_t const* const* queries, std::int64_t groups, ByteTerms const* terms,
                std::uint8_t const* panel, float const* steps, float const* bias,
                TileResult& result) {
    bool any = false;
    for (int q = 0; q < Queries; ++q) {
        result.passed[q] = 0;
        for (int j = 0; j < Vectors * vector_columns; ++j) {
            std::int32_t sum = terms[q].start;
            for (std::int64_t g = 0; g < groups; ++g)
                for (std::int64_t i = 0; i < byte_group; ++i)
                    sum += queries[q][g * byte_group + i] *
                           panel[(g * panel_columns + j) * byte_group + i];
            float const score =
                bias[j] + steps[j] * (terms[q].step * static_cast<float>(sum) + terms[q].offset);
            result.scores[q][j] = score;
            if (score >= terms[q].threshold) result.passed[q] |= std::uint64_t{1} << j;
        }
        any |= result.passed[q] != 0;
    }
    return any;
}

}  // namespace

#include "knn/kernels/byte_table.inl"

extern ByteKernels const scalar_byte_kernels = PARTITA_BYTE_TABLE;

}  // namespace partita::knn
