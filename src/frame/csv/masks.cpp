#include "frame/csv/masks.hpp"

#include "partita/core/cpu.hpp"

#include <cstddef>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace partita::frame::csv {

namespace {

std::uint64_t plain_mask(char const* text, char wanted) {
    std::uint64_t mask = 0;
    for (int i = 0; i < 64; ++i) mask |= std::uint64_t{text[i] == wanted} << i;
    return mask;
}

void plain_masks(char const* text, std::int64_t blocks, char separator, Masks* out) {
    for (std::int64_t i = 0; i < blocks; ++i, text += 64)
        out[i] = {plain_mask(text, '"'), plain_mask(text, '\n'), plain_mask(text, separator)};
}

#if defined(__x86_64__)

__attribute__((target("avx2"))) inline std::uint64_t avx2_mask(__m256i low, __m256i high,
                                                               __m256i wanted) {
    auto const first =
        static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, wanted)));
    auto const second =
        static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, wanted)));
    return first | std::uint64_t{second} << 32;
}

__attribute__((target("avx2"))) void avx2_masks(char const* text, std::int64_t blocks,
                                                char separator, Masks* out) {
    __m256i const quote = _mm256_set1_epi8('"'), newline = _mm256_set1_epi8('\n'),
                  between = _mm256_set1_epi8(separator);
    for (std::int64_t i = 0; i < blocks; ++i, text += 64) {
        __m256i const low = _mm256_loadu_si256(reinterpret_cast<__m256i const*>(text));
        __m256i const high = _mm256_loadu_si256(reinterpret_cast<__m256i const*>(text + 32));
        out[i] = {avx2_mask(low, high, quote), avx2_mask(low, high, newline),
                  avx2_mask(low, high, between)};
    }
}

__attribute__((target("avx512f,avx512bw"))) void avx512_masks(char const* text, std::int64_t blocks,
                                                              char separator, Masks* out) {
    __m512i const quote = _mm512_set1_epi8('"'), newline = _mm512_set1_epi8('\n'),
                  between = _mm512_set1_epi8(separator);
    for (std::int64_t i = 0; i < blocks; ++i, text += 64) {
        __m512i const bytes = _mm512_loadu_si512(text);
        out[i] = {_mm512_cmpeq_epi8_mask(bytes, quote), _mm512_cmpeq_epi8_mask(bytes, newline),
                  _mm512_cmpeq_epi8_mask(bytes, between)};
    }
}

#endif

using FindMasks = void (*)(char const*, std::int64_t, char, Masks*);

FindMasks best_masks() {
#if defined(__x86_64__)
    switch (cpu_level()) {
        case CpuLevel::avx512:
            return avx512_masks;
        case CpuLevel::avx2:
            return avx2_masks;
        case CpuLevel::scalar:
            break;
    }
#endif
    return plain_masks;
}

}  // namespace

void find_masks(char const* text, std::int64_t blocks, char separator, Masks* out) {
    static FindMasks const find = best_masks();
    find(text, blocks, separator, out);
}

}  // namespace partita::frame::csv
