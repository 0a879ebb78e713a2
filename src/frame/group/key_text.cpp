#include "frame/group/key_text.hpp"

#include "frame/value_text.hpp"

namespace partita::frame {

std::string key_text(Block const& block, std::int64_t row, std::span<std::int64_t const> keys) {
    constexpr std::size_t most_shown = 60;
    std::string text;
    for (std::int64_t const key : keys) {
        Column const& column = block.column(key);
        text += (text.empty() ? "" : ", ") + block.schema()[key].name;
        if (column.is_null(row)) {
            text += " is null";
            continue;
        }
        std::string value;
        append_value(value, column, row);
        if (value.size() > most_shown) value = value.substr(0, most_shown) + "...";
        text += column.type() == Type::text ? " = '" + value + "'" : " = " + value;
    }
    return text;
}

}  // namespace partita::frame
