#include "partita/dataset/ordered_bytes.hpp"

#include "partita/core/error.hpp"

namespace partita::dataset {
namespace {

constexpr char escape = '\xff';
constexpr char columns_end = '\0', column_null_first = 1, column_text = 2, column_null_last = 3;

/// The position of the text's end mark.
std::size_t find_end_mark(std::string_view bytes, std::size_t at) {
    for (;;) {
        at = bytes.find('\0', at);
        check(at != bytes.npos && at + 1 < bytes.size(), "a sorted record ends early");
        if (bytes[at + 1] != escape) return at;
        at += 2;
    }
}

}  // namespace

void detail::append_ordered_text(std::string& out, std::string_view text) {
    for (std::size_t zero = text.find('\0'); zero != text.npos; zero = text.find('\0')) {
        out.append(text.substr(0, zero + 1));
        out += escape;
        text.remove_prefix(zero + 1);
    }
    out += text;
    out.append(2, '\0');
}

std::size_t detail::end_of_ordered_text(std::string_view bytes, std::size_t at) {
    return find_end_mark(bytes, at) + 2;
}

std::string_view detail::read_ordered_text(std::string_view bytes, std::size_t& at,
                                           std::string& room) {
    std::size_t const start = std::exchange(at, end_of_ordered_text(bytes, at));
    std::string_view const text = bytes.substr(start, at - 2 - start);
    if (text.find('\0') == text.npos) return text;
    room.clear();
    for (std::size_t i = 0; i < text.size(); ++i) {
        room += text[i];
        if (text[i] == '\0') ++i;  // the escape behind it
    }
    return room;
}

void OrderedBytes<TextColumns>::append(std::string& out, TextColumns const& columns,
                                       bool nulls_last) {
    for (std::string_view const text : columns.texts) {
        if (text.empty()) {
            out += nulls_last ? column_null_last : column_null_first;
        } else {
            out += column_text;
            detail::append_ordered_text(out, text);
        }
    }
    out += columns_end;
}

std::size_t OrderedBytes<TextColumns>::end_of(std::string_view bytes, std::size_t at) {
    while (bytes.at(at) != columns_end)
        at = bytes[at] == column_text ? detail::end_of_ordered_text(bytes, at + 1) : at + 1;
    return at + 1;
}

TextColumns OrderedBytes<TextColumns>::read(std::string_view bytes, std::size_t& at, Room& room) {
    room.texts.clear();
    while (bytes.at(at) != columns_end) {
        bool const is_text = bytes[at++] == column_text;
        room.texts.emplace_back(is_text ? detail::read_ordered_text(bytes, at, room.text) : "");
    }
    ++at;
    room.views.assign(room.texts.begin(), room.texts.end());
    return {room.views};
}

}  // namespace partita::dataset
