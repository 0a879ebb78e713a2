#pragma once

#include <string_view>

namespace partita::frame {

/// Without the spaces around it.
inline std::string_view without_blanks(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

}  // namespace partita::frame
