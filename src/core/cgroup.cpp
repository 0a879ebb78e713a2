#include "core/cgroup.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

namespace partita::detail {
namespace {

/// `mount` + `path` and its ancestors. A path that leaves the mount (a namespace shows "/..") or
/// that is not below it (a container sees its own cgroup at the mount point) does no harm: files
/// that do not exist are skipped by the reader, and the mount point itself always comes last.
std::vector<std::string> with_ancestors(std::string const& mount, std::string path) {
    std::vector<std::string> folders;
    if (path.find("..") != std::string::npos) path.clear();
    while (path.size() > 1) {
        folders.push_back(mount + path);
        path.resize(path.rfind('/'));
    }
    folders.push_back(mount);
    return folders;
}

/// The path in /proc/self/cgroup's line "hierarchy:controllers:path" that names `controller`.
std::string cgroup_path(std::string const& root, std::string const& controller) {
    std::istringstream lines(read_system_file(root + "/proc/self/cgroup").value_or(""));
    for (std::string line; std::getline(lines, line);) {
        auto const first = line.find(':');
        auto const second = first == std::string::npos ? first : line.find(':', first + 1);
        if (second == std::string::npos) continue;
        std::string const controllers = "," + line.substr(first + 1, second - first - 1) + ",";
        if (controllers == ",," ? controller.empty()
                                : !controller.empty() &&
                                      controllers.find("," + controller + ",") != std::string::npos)
            return line.substr(second + 1);
    }
    return "";
}

std::optional<int> cores_for(std::int64_t quota, std::int64_t period) {
    if (quota <= 0 || period <= 0) return std::nullopt;
    return static_cast<int>(std::min<std::int64_t>((quota + period - 1) / period, 1 << 20));
}

/// cpu.max holds "200000 100000" or "max 100000".
std::optional<int> v2_cores(std::string const& folder) {
    std::istringstream words(read_system_file(folder + "/cpu.max").value_or(""));
    std::int64_t quota = 0, period = 0;
    if (!(words >> quota >> period)) return std::nullopt;
    return cores_for(quota, period);
}

std::optional<int> v1_cores(std::string const& folder) {
    auto const quota = value_of(read_system_file(folder + "/cpu.cfs_quota_us").value_or(""), "");
    auto const period = value_of(read_system_file(folder + "/cpu.cfs_period_us").value_or(""), "");
    return cores_for(quota.value_or(0), period.value_or(0));
}

}  // namespace

std::optional<std::string> read_system_file(std::string const& path) {
    std::ifstream in(path);
    if (!in) return std::nullopt;
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

std::optional<std::int64_t> value_of(std::string const& text, std::string const& key) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.compare(0, key.size(), key) != 0) continue;
        std::string rest = line.substr(key.size());
        if (!key.empty() && !rest.empty() && rest[0] == ':')
            rest.erase(0, 1);
        else if (!key.empty() && !rest.empty() && rest[0] != ' ' && rest[0] != '\t')
            continue;
        std::istringstream words(rest);
        std::int64_t value = 0;
        if (words >> value) return value;
    }
    return std::nullopt;
}

std::vector<std::string> cgroup_v2_folders(std::string const& root) {
    return with_ancestors(root + "/sys/fs/cgroup", cgroup_path(root, ""));
}

std::vector<std::string> cgroup_v1_folders(std::string const& root, std::string const& controller) {
    return with_ancestors(root + "/sys/fs/cgroup/" + controller, cgroup_path(root, controller));
}

std::optional<int> cgroup_core_limit(std::string const& root) {
    std::optional<int> limit;
    auto const lower_to = [&](std::optional<int> cores) {
        if (cores) limit = std::min(limit.value_or(*cores), *cores);
    };
    for (auto const& folder : cgroup_v2_folders(root)) lower_to(v2_cores(folder));
    for (auto const& folder : cgroup_v1_folders(root, "cpu")) lower_to(v1_cores(folder));
    return limit;
}

}  // namespace partita::detail
