#include "partita/format/element_type.hpp"

#include "format/element_convert.hpp"

#include "partita/core/error.hpp"

#include <cmath>
#include <limits>
#include <type_traits>
#include <utility>

namespace partita::format {
namespace {

/// Whether `value` can be stored as a To: always in a floating-point type, where it is rounded.
template <class To, class From>
bool fits(From value) {
    if constexpr (std::is_floating_point_v<To>) {
        return true;
    } else if constexpr (std::is_integral_v<From>) {
        return std::in_range<To>(value);
    } else {
        // Both bounds are powers of two (or 0), exact in any floating-point type; NaN is neither.
        From const lowest = static_cast<From>(std::numeric_limits<To>::min());
        From const beyond = std::ldexp(From{1}, std::numeric_limits<To>::digits);
        return value >= lowest && value < beyond && value == std::trunc(value);
    }
}

template <class To, class From>
std::int64_t convert_typed(From const* source, To* target, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
        if (!fits<To>(source[i])) return i;
        target[i] = static_cast<To>(source[i]);
    }
    return count;
}

}  // namespace

std::size_t size_of(ElementType type) {
    return with_element(type, [](auto element) { return sizeof element; });
}

std::string to_string(ElementType type) {
    switch (type) {
        case ElementType::float64:
            return "float64";
        case ElementType::uint8:
            return "uint8";
        case ElementType::int32:
            return "int32";
        case ElementType::int64:
            return "int64";
        case ElementType::float32:
            break;
    }
    return "float32";
}

std::int64_t convert_while_fitting(ElementType from, void const* source, ElementType to,
                                   void* target, std::int64_t count) {
    return with_element(from, [&](auto source_element) {
        return with_element(to, [&](auto target_element) {
            return convert_typed(static_cast<decltype(source_element) const*>(source),
                                 static_cast<decltype(target_element)*>(target), count);
        });
    });
}

std::string misfit_text(ElementType from, void const* source, std::int64_t i, ElementType to) {
    return with_element(to, [&](auto element) {
        using Limits = std::numeric_limits<decltype(element)>;
        return fmt::format("expected a whole number from {} to {}, got {}", Limits::lowest(),
                           Limits::max(), element_text(from, source, i));
    });
}

std::string element_text(ElementType type, void const* elements, std::int64_t i) {
    return with_element(type, [&](auto element) {
        return fmt::format("{}", static_cast<decltype(element) const*>(elements)[i]);
    });
}

void convert_elements(ElementType from, void const* source, ElementType to, void* target,
                      std::int64_t count) {
    std::int64_t const done = convert_while_fitting(from, source, to, target, count);
    if (done < count) fail("value {}: {}", done, misfit_text(from, source, done, to));
}

}  // namespace partita::format
