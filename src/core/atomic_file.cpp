#include "partita/core/atomic_file.hpp"

#include "core/folder_of.hpp"

#include "partita/core/error.hpp"
#include "partita/core/file.hpp"
#include "partita/core/unfinished.hpp"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>
#include <utility>

namespace partita {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view suffix = ".tmp";

void check_target(std::string const& path, fs::path const& target, bool overwrite) {
    check(!path.empty(), "output: expected a file name, got an empty one");
    std::error_code ignored;
    auto const status = fs::status(target, ignored);
    check(!fs::is_directory(status) && target.has_filename(),
          "{}: expected a file name, got a folder", path);
    check(!fs::exists(status) || fs::is_regular_file(status),
          "{}: expected a regular file, got a device or pipe", path);
    check(!fs::exists(status) || overwrite, "{} exists: give --overwrite", path);
    check(fs::is_directory(detail::folder_of(target), ignored), "{}: folder '{}' does not exist",
          path, detail::folder_of(target));
}

/// Create the temporary file now, so that a folder that cannot be written fails before the work.
void create_new(std::string const& path, std::string const& temporary) {
    int const descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    check(descriptor >= 0, "{}: cannot write in '{}': {}", path, detail::folder_of(temporary),
          errno_text(errno));
    ::close(descriptor);
}

/// Makes the rename last; file systems that cannot sync a folder do not need it.
void sync_folder(std::string const& folder) {
    int const descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return;
    ::fsync(descriptor);
    ::close(descriptor);
}

}  // namespace

AtomicFile::AtomicFile(std::string path, bool overwrite) : path_(std::move(path)) {
    fs::path const target = resolved_output(path_);
    check_target(path_, target, overwrite);
    std::error_code ignored;
    for (std::string const& stale : abandoned_paths(path_, suffix)) fs::remove(stale, ignored);
    std::string const temporary = unfinished_path(path_, suffix);
    create_new(path_, temporary);
    temporary_path_ = temporary;
}

AtomicFile::~AtomicFile() { discard(); }

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)), temporary_path_(std::exchange(other.temporary_path_, {})) {}

AtomicFile& AtomicFile::operator=(AtomicFile&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(temporary_path_, other.temporary_path_);
    return *this;
}

void AtomicFile::commit() {
    File::open_write(temporary_path_).sync();
    fs::path const target = resolved_output(path_);
    check(std::rename(temporary_path_.c_str(), target.c_str()) == 0, "{}: cannot replace: {}",
          path_, errno_text(errno));
    temporary_path_.clear();
    sync_folder(detail::folder_of(target));
}

void AtomicFile::discard() noexcept {
    if (!temporary_path_.empty()) ::unlink(temporary_path_.c_str());
    temporary_path_.clear();
}

void write_text_file(std::string const& path, std::string const& text) {
    AtomicFile output(path);
    File file = File::open_write(output.temporary_path());
    file.write_at(0, text.data(), static_cast<std::int64_t>(text.size()));
    file.close();
    output.commit();
}

}  // namespace partita
