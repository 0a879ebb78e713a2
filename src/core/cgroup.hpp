#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace partita::detail {

/// The contents of a small file of /proc or /sys; nothing when it cannot be read.
std::optional<std::string> read_system_file(std::string const& path);

/// The number after `key` at the start of a line of "key: value unit" or "key value".
std::optional<std::int64_t> value_of(std::string const& text, std::string const& key);

/// Folders that hold this process's limits: its cgroup first, then the ancestors up to the mount
/// point. Under version 1 each controller ("memory", "cpu") has a tree of its own.
std::vector<std::string> cgroup_v2_folders(std::string const& root);
std::vector<std::string> cgroup_v1_folders(std::string const& root, std::string const& controller);

/// Cores that the CPU quota pays for, rounded up; nothing without a quota.
std::optional<int> cgroup_core_limit(std::string const& root);

}  // namespace partita::detail
