#pragma once

#include "partita/format/element_type.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace partita::format {

/// Append numbers of one type, separated by `delimiter`, each as short as it can be written without
/// loss: reading the text gives the same float32, float64 or integer.
void append_csv_numbers(std::string& out, ElementType type, void const* values, std::int64_t count,
                        char delimiter = ',');

/// Append a text, in quotes if it needs them.
void append_csv_text(std::string& out, std::string_view text, char delimiter = ',');

/// "id,x0,x1,x2\n", or "x0,x1,x2\n" when `id_name` is empty.
std::string csv_header(std::string_view id_name, std::int64_t dim, char delimiter = ',');

}  // namespace partita::format
