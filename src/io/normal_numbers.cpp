#include "io/normal_numbers.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace partita::io {
namespace {

constexpr std::int64_t block = 256;

/// Two 32-bit numbers from each of the stream's.
void fill_bits(RandomStream& stream, std::uint32_t* bits, std::int64_t count) {
    for (std::int64_t i = 0; i < count; i += 2) {
        std::uint64_t const both = stream();
        bits[i] = static_cast<std::uint32_t>(both);
        bits[i + 1] = static_cast<std::uint32_t>(both >> 32);
    }
}

/// -log(y) for normal y > 0: exponent and mantissa m in [sqrt(1/2), sqrt(2)), then the series of
/// log m = 2 artanh((m - 1) / (m + 1)).
inline float minus_log(float y) {
    constexpr std::uint32_t root_half = 0x3f3504f3u, one = 0x3f800000u;
    std::uint32_t const shifted = std::bit_cast<std::uint32_t>(y) + (one - root_half);
    auto const exponent = static_cast<float>(static_cast<std::int32_t>(shifted >> 23) - 127);
    float const m = std::bit_cast<float>((shifted & 0x7fffffu) + root_half);
    float const s = (m - 1) / (m + 1), s2 = s * s;
    float const series = 1 + s2 * (1.f / 3 + s2 * (1.f / 5 + s2 * (1.f / 7 + s2 * (1.f / 9))));
    return -(exponent * 0.693147181f + 2 * s * series);
}

/// The polynomials of M. Giles, "Approximating the erfinv function" (2010), in single precision.
inline float central(float w) {
    float p = 2.81022636e-08f;
    for (float const coefficient :
         {3.43273939e-07f, -3.5233877e-06f, -4.39150654e-06f, 0.00021858087f, -0.00125372503f,
          -0.00417768164f, 0.246640727f, 1.50140941f})
        p = coefficient + p * w;
    return p;
}
inline float tail(float w) {
    float p = -0.000200214257f;
    for (float const coefficient :
         {0.000100950558f, 0.00134934322f, -0.00367342844f, 0.00573950773f, -0.0076224613f,
          0.00943887047f, 1.00167406f, 2.83297682f})
        p = coefficient + p * w;
    return p;
}

/// The normal number with the distribution function (bits + 1/2) / 2^24.
inline float normal_of(std::uint32_t bits) {
    auto const odd = static_cast<std::int32_t>(bits >> 8) * 2 + 1 - (1 << 24);
    float const x = static_cast<float>(odd) * 0x1p-24f;  // -1 < x < 1, exact
    float const w = minus_log((1 - x) * (1 + x));
    float const near = central(w - 2.5f), far = tail(std::sqrt(w) - 3);
    return 1.41421356f * (x * (w < 5 ? near : far));
}

template <class Convert>
void fill(RandomStream& stream, float* out, std::int64_t count, Convert const& convert) {
    std::uint32_t bits[block];
    for (std::int64_t done = 0; done < count; done += block) {
        std::int64_t const now = std::min(block, count - done);
        fill_bits(stream, bits, now + now % 2);
        for (std::int64_t i = 0; i < now; ++i) out[done + i] = convert(bits[i]);
    }
}

}  // namespace

void fill_normal(RandomStream& stream, float* out, std::int64_t count) {
    fill(stream, out, count, [](std::uint32_t bits) { return normal_of(bits); });
}

void fill_uniform(RandomStream& stream, float* out, std::int64_t count) {
    fill(stream, out, count,
         [](std::uint32_t bits) { return static_cast<float>(bits >> 8) * 0x1p-24f; });
}

}  // namespace partita::io
