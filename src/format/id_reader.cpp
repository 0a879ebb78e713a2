#include "partita/format/id_reader.hpp"

#include "partita/core/error.hpp"

namespace partita::format {

void IdReader::check_range(std::int64_t first, std::int64_t last, bool as_text) const {
    check(as_text == is_text_, "{}: the ids are {}", path_, is_text_ ? "texts" : "numbers");
    check(0 <= first && first <= last && last <= rows_,
          "{}: expected rows within [0, {}), got [{}, {})", path_, rows_, first, last);
}

void IdReader::read_numbers(std::int64_t first, std::int64_t last, std::int64_t* out) const {
    check_range(first, last, false);
    if (first < last) do_read_numbers(first, last, out);
}

void IdReader::read_texts(std::int64_t first, std::int64_t last, char* out) const {
    check_range(first, last, true);
    if (first < last) do_read_texts(first, last, out);
}

}  // namespace partita::format
