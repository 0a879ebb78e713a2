#include "cli/file_facts.hpp"

#include "partita/core/hash.hpp"
#include "partita/dataset/find_files.hpp"

#include <cstdint>
#include <filesystem>

#include <fmt/format.h>

namespace partita::cli {

namespace fs = std::filesystem;

std::string state_of_file(std::string const& spec) {
    std::string const path = spec.substr(0, spec.find(":/"));
    std::error_code failed;
    auto const bytes = fs::file_size(path, failed);
    if (failed) return "";
    auto const time = fs::last_write_time(path, failed).time_since_epoch().count();
    return fmt::format(", {} bytes of time {}", bytes, time);
}

std::string state_of_files(std::string const& paths) {
    if (paths.find(":/") != std::string::npos) return state_of_file(paths);
    auto const files = dataset::find_files(paths);
    if (files.size() == 1) return state_of_file(files.front());
    std::uint64_t hash = 0;
    for (std::string const& file : files)
        hash = combine_hashes(hash, hash_bytes(file + state_of_file(file)));
    return fmt::format(", {} files with hash {:016x}", files.size(), hash);
}

}  // namespace partita::cli
