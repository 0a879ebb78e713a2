#include "partita/core/unfinished.hpp"

#include "core/folder_of.hpp"

#include "partita/core/scratch.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

namespace partita {
namespace fs = std::filesystem;
namespace {

/// ".out.h5.partita-": a tag and the suffix follow.
std::string prefix_of(fs::path const& output) {
    return "." + output.filename().string() + ".partita-";
}

/// The tag in a name, or "".
std::string tag_in(std::string_view name, std::string_view prefix, std::string_view suffix) {
    if (name.size() <= prefix.size() + suffix.size() || !name.starts_with(prefix) ||
        !name.ends_with(suffix))
        return "";
    return std::string(name.substr(prefix.size(), name.size() - prefix.size() - suffix.size()));
}

}  // namespace

std::string resolved_output(std::string const& path) {
    std::error_code ignored;
    if (!fs::is_symlink(path, ignored)) return path;
    fs::path const target = fs::weakly_canonical(path, ignored);
    return target.empty() ? path : target.string();
}

std::string unfinished_path(std::string const& output, std::string_view suffix) {
    fs::path const target = resolved_output(output);
    return fmt::format("{}/{}{}{}", detail::folder_of(target), prefix_of(target), process_tag(),
                       suffix);
}

std::vector<std::string> abandoned_paths(std::string const& output, std::string_view suffix,
                                         bool of_other_hosts) {
    fs::path const target = resolved_output(output);
    std::string const prefix = prefix_of(target);
    std::vector<std::pair<fs::file_time_type, std::string>> found;
    std::error_code ignored;
    fs::directory_iterator entry(detail::folder_of(target), ignored);
    for (; entry != fs::directory_iterator(); entry.increment(ignored)) {
        std::string const tag = tag_in(entry->path().filename().string(), prefix, suffix);
        if (tag.empty()) continue;
        bool const dead =
            of_other_hosts && !process_tag_is_local(tag) ? true : !process_tag_alive(tag);
        if (dead) found.emplace_back(entry->last_write_time(ignored), entry->path().string());
    }
    std::sort(found.rbegin(), found.rend());
    std::vector<std::string> paths;
    for (auto& [time, path] : found) paths.push_back(std::move(path));
    return paths;
}

}  // namespace partita
