// Compiled without contraction to fused multiply-adds, so that all clones give the same bits.

#include "knn/index/list_coding.hpp"

#include "partita/core/error.hpp"

#include <algorithm>
#include <cstring>

#if defined(__x86_64__)
#define PARTITA_CLONES __attribute__((target_clones("default", "avx2")))
#else
#define PARTITA_CLONES
#endif

namespace partita::knn {
namespace {

/// Round to the nearest half, ties to even.
std::uint16_t to_half(float value) {
    std::uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    std::uint32_t const sign = bits >> 16 & 0x8000u;
    bits &= 0x7fffffffu;
    if (bits >= 0x7f800000u)  // infinite or NaN
        return static_cast<std::uint16_t>(sign | 0x7c00u | (bits > 0x7f800000u ? 0x200u : 0));
    if (bits < 0x38800000u) {  // below the smallest normal half: let the addition round
        float magnitude;
        std::memcpy(&magnitude, &bits, sizeof magnitude);
        float const shifted = magnitude + 0.5f;
        std::uint32_t shifted_bits;
        std::memcpy(&shifted_bits, &shifted, sizeof shifted_bits);
        return static_cast<std::uint16_t>(sign | (shifted_bits - 0x3f000000u));
    }
    std::uint32_t const rounded = bits - 0x38000000u + 0xfffu + (bits >> 13 & 1u);
    return static_cast<std::uint16_t>(sign | std::min(rounded >> 13, 0x7c00u));
}

PARTITA_CLONES
void decode_halves(std::uint16_t const* codes, std::int64_t count, float* values) {
    for (std::int64_t i = 0; i < count; ++i) {
        std::uint32_t const code = codes[i];
        // The exponents differ by 112; the product is exact, and right for subnormals too.
        std::uint32_t const shifted = (code & 0x7fffu) << 13;
        float magnitude;
        std::memcpy(&magnitude, &shifted, sizeof magnitude);
        magnitude *= 0x1p112f;
        std::uint32_t bits;
        std::memcpy(&bits, &magnitude, sizeof bits);
        std::uint32_t const special = (code & 0x7c00u) == 0x7c00u ? 0x7f800000u : 0;
        bits |= special | (code & 0x8000u) << 16;
        std::memcpy(values + i, &bits, sizeof bits);
    }
}

PARTITA_CLONES
void decode_bytes(std::uint8_t const* codes, std::int64_t rows, std::int64_t dim,
                  float const* smallest, float const* range, float* values) {
    for (std::int64_t row = 0; row < rows; ++row)
        for (std::int64_t i = 0; i < dim; ++i) {
            float const step = (static_cast<float>(codes[row * dim + i]) + 0.5f) / 255.0f;
            values[row * dim + i] = smallest[i] + step * range[i];
        }
}

PARTITA_CLONES
void add_to_rows(float const* centroid, std::int64_t rows, std::int64_t dim, float* values) {
    for (std::int64_t row = 0; row < rows; ++row)
        for (std::int64_t i = 0; i < dim; ++i) values[row * dim + i] += centroid[i];
}

std::uint8_t to_byte(float value, float smallest, float range) {
    float const share = range != 0 ? (value - smallest) / range : 0;
    return static_cast<std::uint8_t>(255 * std::clamp(share, 0.0f, 1.0f));
}

}  // namespace

CodeKind parse_codes(std::string const& name) {
    for (CodeKind kind : {CodeKind::fp32, CodeKind::fp16, CodeKind::int8})
        if (name == to_string(kind)) return kind;
    throw Error("codes: expected fp32, fp16 or int8, got \"" + name + '"');
}

std::string to_string(CodeKind kind) {
    if (kind == CodeKind::fp32) return "fp32";
    return kind == CodeKind::fp16 ? "fp16" : "int8";
}

std::int64_t ListCoding::code_bytes() const {
    return dim * (kind == CodeKind::fp32 ? 4 : kind == CodeKind::fp16 ? 2 : 1);
}

void encode(ListCoding const& coding, float const* vectors, std::int64_t rows,
            float const* centroid, std::byte* codes) {
    for (std::int64_t row = 0; row < rows; ++row)
        for (std::int64_t i = 0; i < coding.dim; ++i) {
            std::int64_t const at = row * coding.dim + i;
            float const value = coding.by_residual ? vectors[at] - centroid[i] : vectors[at];
            if (coding.kind == CodeKind::fp32) {
                std::memcpy(codes + at * 4, &value, 4);
            } else if (coding.kind == CodeKind::fp16) {
                std::uint16_t const half = to_half(value);
                std::memcpy(codes + at * 2, &half, 2);
            } else {
                auto const d = static_cast<std::size_t>(i);
                codes[at] = std::byte{to_byte(value, coding.smallest[d], coding.range[d])};
            }
        }
}

void decode(ListCoding const& coding, std::byte const* codes, std::int64_t rows,
            float const* centroid, float* vectors) {
    std::int64_t const count = rows * coding.dim;
    switch (coding.kind) {
        case CodeKind::fp32:
            std::memcpy(vectors, codes, static_cast<std::size_t>(count) * sizeof(float));
            break;
        case CodeKind::fp16:
            // x86 and ARM load halves from any address.
            decode_halves(reinterpret_cast<std::uint16_t const*>(codes), count, vectors);
            break;
        case CodeKind::int8:
            decode_bytes(reinterpret_cast<std::uint8_t const*>(codes), rows, coding.dim,
                         coding.smallest.data(), coding.range.data(), vectors);
            break;
    }
    if (coding.by_residual) add_to_rows(centroid, rows, coding.dim, vectors);
}

}  // namespace partita::knn
