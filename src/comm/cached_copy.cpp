#include "comm/cached_copy.hpp"

#include "partita/core/buffer.hpp"
#include "partita/core/file.hpp"
#include "partita/core/hash.hpp"

#include <algorithm>
#include <ctime>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <sys/sysinfo.h>

#include <fmt/format.h>

namespace partita {

namespace {

constexpr char const* prefix = "partita-cache-";
constexpr std::time_t recently_seconds = 600;

bool written_since_start(struct stat const& status) {
    struct sysinfo info {};
    if (sysinfo(&info) != 0) return false;
    return status.st_mtime > std::time(nullptr) - info.uptime;
}

/// The time of access says when a copy was last used: set by us, for systems need not keep it. The
/// time of modification stays, which says whether a copy is to be trusted.
void mark_used(std::string const& path) {
    timespec const times[2] = {{0, UTIME_NOW}, {0, UTIME_OMIT}};
    ::utimensat(AT_FDCWD, path.c_str(), times, 0);  // of somebody else: it counts as unused
}

struct Copy {
    std::time_t last_use;
    std::int64_t bytes;
    std::string path;
};

/// Those unused for longest first.
std::vector<Copy> list_copies(std::string const& folder) {
    std::vector<Copy> copies;
    std::error_code failed;
    std::filesystem::directory_iterator entry(folder, failed);
    for (; !failed && entry != std::filesystem::directory_iterator(); entry.increment(failed)) {
        std::string const path = entry->path().string();
        struct stat status {};
        if (entry->path().filename().string().rfind(prefix, 0) == 0 &&
            ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode))
            copies.push_back({std::max(status.st_atime, status.st_mtime), status.st_size, path});
    }
    std::sort(copies.begin(), copies.end(),
              [](Copy const& a, Copy const& b) { return a.last_use < b.last_use; });
    return copies;
}

}  // namespace

std::string cached_copy_path(std::string const& folder, std::uint64_t hash, std::int64_t bytes) {
    return fmt::format("{}/{}{:016x}-{}", folder, prefix, hash, bytes);
}

bool has_copy_of_size(std::string const& folder, std::int64_t bytes) {
    std::string const suffix = fmt::format("-{}", bytes);
    std::error_code failed;
    std::filesystem::directory_iterator entry(folder, failed);
    for (; !failed && entry != std::filesystem::directory_iterator(); entry.increment(failed)) {
        std::string const name = entry->path().filename();
        bool const ends = name.size() > suffix.size() &&
                          name.compare(name.size() - suffix.size(), suffix.size(), suffix) == 0;
        if (ends && name.rfind(prefix, 0) == 0) return true;
    }
    return false;
}

bool has_valid_copy(std::string const& folder, std::uint64_t hash, std::int64_t bytes,
                    bool verify) {
    std::string const path = cached_copy_path(folder, hash, bytes);
    struct stat status {};
    if (stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode) || status.st_size != bytes)
        return false;
    bool const valid = (!verify && written_since_start(status)) || hash_file(path) == hash;
    if (valid) mark_used(path);
    return valid;
}

std::vector<std::string> copies_to_evict(std::string const& folder, std::int64_t bytes,
                                         std::int64_t free_bytes) {
    std::vector<Copy> copies = list_copies(folder);
    std::int64_t taken = 0;
    for (Copy const& copy : copies) taken += copy.bytes;
    std::int64_t const allowed = (free_bytes + taken) / 2;
    std::vector<std::string> evicted;
    for (Copy const& copy : copies) {
        if (taken + bytes <= allowed || copy.last_use > std::time(nullptr) - recently_seconds)
            break;
        evicted.push_back(copy.path);
        taken -= copy.bytes;
    }
    return evicted;
}

void evict_copies(std::string const& folder, std::int64_t bytes) {
    std::error_code failed;
    auto const space = std::filesystem::space(folder, failed);
    if (failed) return;
    for (std::string const& path :
         copies_to_evict(folder, bytes, static_cast<std::int64_t>(space.available)))
        std::filesystem::remove(path, failed);
}

std::uint64_t hash_file(std::string const& path) {
    File const file = File::open_read(path);
    std::int64_t const bytes = file.size();
    Buffer<std::byte> part(256 << 10);
    StreamingHash hash;
    for (std::int64_t done = 0; done < bytes; done += part.size()) {
        std::int64_t const count = std::min(part.size(), bytes - done);
        file.read_at(done, part.data(), count);
        hash.update(part.data(), static_cast<std::size_t>(count));
    }
    return hash.digest();
}

}  // namespace partita
