#include "partita/core/scratch.hpp"

#include "partita/core/error.hpp"

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <sys/stat.h>
#include <utility>

namespace partita {
namespace fs = std::filesystem;
namespace {

constexpr char const* prefix = "partita-";

/// The tag in "partita-<tag>-<counter>", or "".
std::string tag_in(std::string const& name) {
    if (name.rfind(prefix, 0) != 0) return "";
    std::string const rest = name.substr(std::string(prefix).size());
    auto const dash = rest.rfind('-');
    return dash == std::string::npos ? "" : rest.substr(0, dash);
}

void remove_tree(std::string const& path) noexcept {
    std::error_code ignored;
    if (!path.empty()) fs::remove_all(path, ignored);
}

}  // namespace

ScratchDir::ScratchDir(std::string const& parent) {
    static std::atomic<std::int64_t> counter{0};
    remove_stale_scratch(parent);
    std::string const path = fmt::format("{}/{}{}-{}", parent, prefix, process_tag(), counter++);
    check(::mkdir(path.c_str(), 0700) == 0, "{}: cannot make a scratch folder: {}", parent,
          errno_text(errno));
    path_ = path;
}

ScratchDir::~ScratchDir() { remove_tree(path_); }

ScratchDir::ScratchDir(ScratchDir&& other) noexcept : path_(std::exchange(other.path_, {})) {}

ScratchDir& ScratchDir::operator=(ScratchDir&& other) noexcept {
    std::swap(path_, other.path_);
    return *this;
}

std::string default_scratch() {
    for (char const* const name : {"PARTITA_SCRATCH", "SLURM_TMPDIR", "TMPDIR"})
        if (char const* const value = std::getenv(name); value && *value) return value;
    return "/tmp";
}

void remove_stale_scratch(std::string const& parent) noexcept try {
    std::error_code ignored;
    fs::directory_iterator entry(parent, ignored);
    for (; entry != fs::directory_iterator(); entry.increment(ignored)) {
        std::string const tag = tag_in(entry->path().filename().string());
        if (!tag.empty() && !process_tag_alive(tag)) remove_tree(entry->path().string());
    }
} catch (...) {  // out of memory while tidying up: the next start tries again
}

}  // namespace partita
