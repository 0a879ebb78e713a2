#include "partita/core/memory.hpp"

#include "core/cgroup.hpp"

#include "partita/core/error.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <sstream>

namespace partita {
namespace {

using detail::read_system_file;
using detail::value_of;

/// What one cgroup, or Slurm, allows and uses.
struct MemoryLimit {
    std::int64_t limit_bytes = 0;
    std::int64_t used_bytes = 0;
};

/// The number in a file; nothing when there is no file or it says "max".
std::optional<std::int64_t> number_in(std::string const& path) {
    return value_of(read_system_file(path).value_or(""), "");
}

/// Usage without pages of files that the kernel drops as soon as somebody needs memory.
std::int64_t used_bytes(std::string const& usage_file, std::string const& stat_file,
                        std::string const& reclaimable_key) {
    std::int64_t const usage = number_in(usage_file).value_or(0);
    std::int64_t const reclaimable =
        value_of(read_system_file(stat_file).value_or(""), reclaimable_key).value_or(0);
    return std::max<std::int64_t>(0, usage - reclaimable);
}

std::optional<MemoryLimit> v2_memory(std::string const& folder) {
    auto limit = number_in(folder + "/memory.max");
    // Above memory.high the kernel throttles the process to a crawl: as good as a limit.
    if (auto const high = number_in(folder + "/memory.high"); high && (!limit || *high < *limit))
        limit = high;
    if (!limit) return std::nullopt;
    return MemoryLimit{
        *limit, used_bytes(folder + "/memory.current", folder + "/memory.stat", "inactive_file")};
}

std::optional<MemoryLimit> v1_memory(std::string const& folder) {
    auto const limit = number_in(folder + "/memory.limit_in_bytes");
    if (!limit) return std::nullopt;
    return MemoryLimit{*limit, used_bytes(folder + "/memory.usage_in_bytes",
                                          folder + "/memory.stat", "total_inactive_file")};
}

void limit_total(NodeMemory& memory, std::optional<MemoryLimit> const& cgroup, char const* name) {
    if (!cgroup || cgroup->limit_bytes >= memory.total_bytes) return;
    memory.total_bytes = cgroup->limit_bytes;
    memory.limited_by = name;
}

void limit_available(NodeMemory& memory, std::optional<MemoryLimit> const& cgroup,
                     char const* name) {
    if (!cgroup) return;
    std::int64_t const free = std::max<std::int64_t>(0, cgroup->limit_bytes - cgroup->used_bytes);
    if (free >= memory.available_bytes) return;
    memory.available_bytes = free;
    memory.limited_by = name;
}

/// A positive number in the environment.
std::optional<std::int64_t> number_set(char const* name) {
    char const* const text = std::getenv(name);
    auto const number = value_of(text ? text : "", "");
    return number && *number > 0 ? number : std::nullopt;
}

/// What Slurm gave this job of the node. Not every Slurm makes a cgroup of it.
std::optional<MemoryLimit> slurm_memory() {
    constexpr std::int64_t mebibyte = 1 << 20;
    if (auto const all = number_set("SLURM_MEM_PER_NODE")) return MemoryLimit{*all * mebibyte, 0};
    auto const of_one = number_set("SLURM_MEM_PER_CPU"), cpus = number_set("SLURM_CPUS_ON_NODE");
    if (!of_one || !cpus) return std::nullopt;
    return MemoryLimit{*of_one * *cpus * mebibyte, 0};
}

/// A "Key:   123 kB" line as bytes.
std::int64_t kib_line(std::string const& file, std::string const& key) {
    auto const text = read_system_file(file);
    check(text.has_value(), "{}: cannot be read", file);
    auto const kib = value_of(*text, key);
    check(kib.has_value(), "{}: expected a line '{}:'", file, key);
    return *kib * 1024;
}

}  // namespace

NodeMemory node_memory() { return node_memory(""); }

NodeMemory node_memory(std::string const& root) {
    NodeMemory memory;
    memory.total_bytes = kib_line(root + "/proc/meminfo", "MemTotal");
    memory.available_bytes = kib_line(root + "/proc/meminfo", "MemAvailable");
    memory.limited_by = "physical memory";
    auto const limit_to = [&](std::optional<MemoryLimit> const& cgroup, char const* name) {
        limit_total(memory, cgroup, name);
        limit_available(memory, cgroup, name);
    };
    for (auto const& folder : detail::cgroup_v2_folders(root))
        limit_to(v2_memory(folder), "cgroup v2");
    for (auto const& folder : detail::cgroup_v1_folders(root, "memory"))
        limit_to(v1_memory(folder), "cgroup v1");
    limit_to(slurm_memory(), "Slurm's memory for the job");
    return memory;
}

std::int64_t peak_resident_bytes() { return kib_line("/proc/self/status", "VmHWM"); }

std::int64_t anonymous_resident_bytes() { return kib_line("/proc/self/status", "RssAnon"); }

}  // namespace partita
