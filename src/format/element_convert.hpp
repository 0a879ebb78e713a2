#pragma once

#include "partita/format/element_type.hpp"

#include <cstdint>
#include <string>

namespace partita::format {

/// Call `work` with a value of the C++ type that `type` stands for.
template <class Work>
decltype(auto) with_element(ElementType type, Work&& work) {
    switch (type) {
        case ElementType::float64:
            return work(double{});
        case ElementType::uint8:
            return work(std::uint8_t{});
        case ElementType::int32:
            return work(std::int32_t{});
        case ElementType::int64:
            return work(std::int64_t{});
        case ElementType::float32:
            break;
    }
    return work(float{});
}

/// convert_elements up to the first value that does not fit; returns how many did.
std::int64_t convert_while_fitting(ElementType from, void const* source, ElementType to,
                                   void* target, std::int64_t count);

/// "expected a whole number from 0 to 255, got 3.5": what is wrong with element `i`, which does
/// not fit `to`.
std::string misfit_text(ElementType from, void const* source, std::int64_t i, ElementType to);

/// The i-th element, as short as it can be written without loss.
std::string element_text(ElementType type, void const* elements, std::int64_t i);

}  // namespace partita::format
