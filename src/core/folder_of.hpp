#pragma once

#include <filesystem>
#include <string>

namespace partita::detail {

/// Where a file is or is to be.
inline std::string folder_of(std::filesystem::path const& file) {
    return file.has_parent_path() ? file.parent_path().string() : ".";
}

}  // namespace partita::detail
