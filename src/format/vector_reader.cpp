#include "partita/format/vector_reader.hpp"

#include "format/element_convert.hpp"

#include "partita/core/buffer.hpp"
#include "partita/core/error.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace partita::format {
namespace {

/// Rows are converted through a buffer of about this size, which stays in the cache.
constexpr std::int64_t reader_block_bytes = 256 << 10;

/// Without a branch per element, so that the compiler makes vector code of it.
bool all_finite(float const* values, std::int64_t count) {
    constexpr std::uint32_t exponent = 0x7f800000;
    std::uint32_t bad = 0;
    for (std::int64_t i = 0; i < count; ++i)
        bad |= (std::bit_cast<std::uint32_t>(values[i]) & exponent) == exponent;
    return bad == 0;
}

}  // namespace

void VectorReader::check_range(std::int64_t first, std::int64_t last) const {
    check(0 <= first && first <= last && last <= shape_.rows,
          "{}: expected rows within [0, {}), got [{}, {})", path_, shape_.rows, first, last);
}

void VectorReader::read_native(std::int64_t first, std::int64_t last, void* out) const {
    check_range(first, last);
    if (first < last) do_read(first, last, out);
}

void VectorReader::read(std::int64_t first, std::int64_t last, float* out, bool allow_nan) const {
    check_range(first, last);
    std::int64_t const dim = shape_.dim;
    if (shape_.type == ElementType::float32) {
        read_native(first, last, out);
        if (!allow_nan) check_finite(first, last, out);
        return;
    }
    std::int64_t const row_bytes = dim * static_cast<std::int64_t>(size_of(shape_.type));
    std::int64_t const block =
        std::clamp<std::int64_t>(reader_block_bytes / row_bytes, 1, shape_.rows);
    Buffer<std::byte> native(std::min(block, last - first) * row_bytes);
    for (std::int64_t begin = first; begin < last; begin += block) {
        std::int64_t const end = std::min(last, begin + block);
        float* const target = out + (begin - first) * dim;
        do_read(begin, end, native.data());
        convert_elements(shape_.type, native.data(), ElementType::float32, target,
                         (end - begin) * dim);
        if (!allow_nan) check_finite(begin, end, target);
    }
}

void VectorReader::check_finite(std::int64_t first, std::int64_t last, float const* values) const {
    for (std::int64_t row = first; row < last; ++row) {
        float const* const vector = values + (row - first) * shape_.dim;
        if (all_finite(vector, shape_.dim)) [[likely]]
            continue;
        auto const bad =
            std::find_if_not(vector, vector + shape_.dim, [](float x) { return std::isfinite(x); });
        fail("{}: {}: expected a finite float32, got {}", path_, place_of(row, bad - vector), *bad);
    }
}

std::string VectorReader::place_of(std::int64_t row, std::int64_t column) const {
    return fmt::format("row {}, column {}", row, column);
}

}  // namespace partita::format
