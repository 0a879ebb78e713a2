#include "partita/dataset/table_row.hpp"

namespace partita::dataset {

void TableRow::fail_number(std::int64_t column, std::string_view expected, bool too_large) const {
    constexpr std::size_t most = 40;
    std::string_view const field = text(column);
    std::string const got = field.empty() ? "nothing"
                                          : fmt::format("\"{}{}\"", field.substr(0, most),
                                                        field.size() > most ? "..." : "");
    fail("{}: expected {}, got {}{}", where_(column), expected, got,
         too_large ? ", which is out of range" : "");
}

}  // namespace partita::dataset
