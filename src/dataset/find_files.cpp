#include "partita/dataset/find_files.hpp"

#include "partita/core/error.hpp"

#include <algorithm>
#include <filesystem>
#include <glob.h>
#include <sstream>
#include <sys/stat.h>
#include <system_error>

namespace partita::dataset {
namespace {

/// A folder, or a link to one. What cannot be looked at is none; opening it will tell.
bool is_folder(std::string const& path) {
    std::error_code ignored;
    return std::filesystem::is_directory(path, ignored);
}

std::vector<std::string> files_in(std::string const& folder) {
    std::error_code error;
    std::filesystem::directory_iterator entries(folder, error);
    check(!error, "{}: {}", folder, error.message());
    std::vector<std::string> files;
    for (auto const& entry : entries) {
        std::string const path = entry.path().string();
        bool const is_hidden = entry.path().filename().string().starts_with('.');
        if (!is_hidden && !is_folder(path)) files.push_back(path);
    }
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
        if (!is_folder(found.gl_pathv[i])) files.emplace_back(found.gl_pathv[i]);
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
        struct stat status {};
        if (is_folder(path))
            files = files_in(path);
        else if (::lstat(path.c_str(), &status) == 0)
            files = {path};  // a link to nowhere too: opening it says why
        else
            files = files_like(path);
        all.insert(all.end(), files.begin(), files.end());
    }
    check(!all.empty(), "expected the name of a file, got an empty text");
    return all;
}

}  // namespace partita::dataset
