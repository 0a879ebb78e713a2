#pragma once

#include <cstdint>

namespace partita::format {

/// Write a character as UTF-8, 1 to 4 bytes; returns its end, or null when it is no character.
inline char* append_utf8(std::uint32_t c, char* out) {
    bool const surrogate = c >= 0xd800 && c < 0xe000;
    if (c > 0x10ffff || surrogate) return nullptr;
    auto const tail = [&](int shift) { *out++ = static_cast<char>(0x80 | ((c >> shift) & 0x3f)); };
    if (c < 0x80) {
        *out++ = static_cast<char>(c);
    } else if (c < 0x800) {
        *out++ = static_cast<char>(0xc0 | (c >> 6));
        tail(0);
    } else if (c < 0x10000) {
        *out++ = static_cast<char>(0xe0 | (c >> 12));
        tail(6), tail(0);
    } else {
        *out++ = static_cast<char>(0xf0 | (c >> 18));
        tail(12), tail(6), tail(0);
    }
    return out;
}

}  // namespace partita::format
