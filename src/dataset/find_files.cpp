#include "partita/dataset/find_files.hpp"

#include "partita/core/error.hpp"

#include <algorithm>
#include <filesystem>
#include <glob.h>
#include <sstream>

namespace partita::dataset {
namespace {

std::vector<std::string> files_in(std::string const& folder) {
    std::vector<std::string> files;
    for (auto const& entry : std::filesystem::directory_iterator(folder))
        if (entry.is_regular_file()) files.push_back(entry.path().string());
    std::sort(files.begin(), files.end());
    check(!files.empty(), "{}: expected files, got an empty folder", folder);
    return files;
}

/// What a pattern matches, by name; folders are left out.
std::vector<std::string> files_like(std::string const& pattern) {
    glob_t found{};
    int const status = ::glob(pattern.c_str(), 0, nullptr, &found);
    std::vector<std::string> files;
    for (std::size_t i = 0; status == 0 && i < found.gl_pathc; ++i)
        if (!std::filesystem::is_directory(found.gl_pathv[i]))
            files.emplace_back(found.gl_pathv[i]);
    ::globfree(&found);
    check(!files.empty(), "{}: no such file", pattern);
    return files;
}

}  // namespace

std::vector<std::string> find_files(std::string const& paths) {
    std::vector<std::string> all;
    std::istringstream list(paths);
    for (std::string path; std::getline(list, path, ',');) {
        std::vector<std::string> files;
        if (std::filesystem::is_directory(path))
            files = files_in(path);
        else if (std::filesystem::exists(path))
            files = {path};
        else
            files = files_like(path);
        all.insert(all.end(), files.begin(), files.end());
    }
    check(!all.empty(), "expected the name of a file, got an empty text");
    return all;
}

}  // namespace partita::dataset
