#pragma once

#include <cstdint>
#include <string_view>

namespace partita::frame {

/// What a column holds. Any of its values may also be null.
enum class Type : std::uint8_t {
    int64,
    float64,
    float32,
    boolean,    ///< Stored as a byte, 0 or 1.
    text,       ///< UTF-8 of any length.
    timestamp,  ///< Microseconds since 1970-01-01 00:00:00 UTC, as int64.
    vector,     ///< As many float32 as the column's width says.
};

/// "int64", "float64", "float32", "bool", "string", "timestamp", "vector".
std::string_view to_string(Type type);

/// The type of that name; also "int", "float", "double", "boolean" and "text".
/// @throws Error with a suggestion when there is none.
Type parse_type(std::string_view name);

/// Bytes of a value; 0 for texts and vectors, which have no one size (see Column::value_bytes).
std::int64_t value_bytes(Type type);

/// Whether the values are numbers that can be added and compared: int64, float64, float32, bool.
bool is_numeric(Type type);

/// Whether T is how values of `type` lie in memory.
template <class T>
bool holds(Type type);
template <>
bool holds<std::int64_t>(Type type);
template <>
bool holds<double>(Type type);
template <>
bool holds<float>(Type type);
template <>
bool holds<std::uint8_t>(Type type);

}  // namespace partita::frame
