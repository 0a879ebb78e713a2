#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace partita::format {

/// The numbers that vector files hold.
enum class ElementType { float32, float64, uint8, int32, int64 };

std::size_t size_of(ElementType type);
std::string to_string(ElementType type);  ///< "float32", ...

/// Convert `count` elements. To an integer type, values must be whole and in range; to a
/// floating-point type they are rounded (a float64 too large for float32 becomes infinite).
/// @throws Error that names the first value that does not fit.
void convert_elements(ElementType from, void const* source, ElementType to, void* target,
                      std::int64_t count);

}  // namespace partita::format
