#include "io/file_spec.hpp"

#include "partita/core/file.hpp"

#include <cctype>
#include <filesystem>

namespace partita::io {

std::string extension_of(std::string const& path) {
    std::string extension = std::filesystem::path(path).extension().string();
    for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return extension;
}

bool has_hdf5_name(std::string const& path) {
    std::string const extension = extension_of(path);
    return extension == ".h5" || extension == ".hdf5" || extension == ".he5";
}

bool has_csv_name(std::string const& path) {
    std::string const extension = extension_of(path);
    return extension == ".csv" || extension == ".tsv" || extension == ".txt";
}

FileSpec parse_file_spec(std::string const& spec) {
    auto const colon = spec.rfind(':');
    if (colon == std::string::npos || file_exists(spec)) return {spec, ""};
    FileSpec parts{spec.substr(0, colon), spec.substr(colon + 1)};
    if (!has_hdf5_name(parts.path) && !file_exists(parts.path)) return {spec, ""};
    return parts;
}

}  // namespace partita::io
