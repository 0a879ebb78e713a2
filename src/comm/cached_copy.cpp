#include "comm/cached_copy.hpp"

#include "partita/core/buffer.hpp"
#include "partita/core/file.hpp"
#include "partita/core/hash.hpp"

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <sys/stat.h>
#include <sys/sysinfo.h>

#include <fmt/format.h>

namespace partita {

namespace {

constexpr char const* prefix = "partita-cache-";

bool written_since_start(struct stat const& status) {
    struct sysinfo info {};
    if (sysinfo(&info) != 0) return false;
    return status.st_mtime > std::time(nullptr) - info.uptime;
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
    if (!verify && written_since_start(status)) return true;
    return hash_file(path) == hash;
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
