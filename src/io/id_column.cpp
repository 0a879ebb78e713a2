#include "partita/io/id_column.hpp"

#include <cstring>

namespace partita::io {

std::int64_t IdBlock::number(std::int64_t i) const {
    return kind == IdKind::row_numbers ? first_row + i : numbers[static_cast<std::size_t>(i)];
}

std::string_view IdBlock::text(std::int64_t i) const {
    char const* const begin = texts.data() + i * width;
    return {begin, ::strnlen(begin, static_cast<std::size_t>(width))};
}

std::string IdBlock::to_string(std::int64_t i) const {
    return kind == IdKind::text ? std::string(text(i)) : std::to_string(number(i));
}

}  // namespace partita::io
