#include "format/byte_source.hpp"

#include "partita/core/buffer.hpp"
#include "partita/core/error.hpp"
#include "partita/core/file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <mutex>
#include <unistd.h>

#include <zlib.h>

namespace partita::format {
namespace {

class PlainSource final : public ByteSource {
  public:
    explicit PlainSource(File file) : file_(std::move(file)) {}

    void read_at(std::int64_t offset, void* out, std::int64_t bytes) const override {
        file_.read_at(offset, out, bytes);
    }
    std::int64_t read_some_at(std::int64_t offset, void* out, std::int64_t bytes) const override {
        return file_.read_some_at(offset, out, bytes);
    }
    std::int64_t size_up_to(std::int64_t limit) const override {
        return std::min(file_.size(), limit);
    }

  private:
    File file_;
};

class GzipSource final : public ByteSource {
  public:
    explicit GzipSource(File const& file) : path_(file.path()) {
        int const descriptor = ::dup(file.descriptor());
        check(descriptor >= 0, "{}: {}", path_, errno_text(errno));
        stream_ = gzdopen(descriptor, "rb");
        if (!stream_) {
            ::close(descriptor);
            fail("{}: cannot start to unzip", path_);
        }
        gzbuffer(stream_, 128 << 10);
    }
    ~GzipSource() override { gzclose_r(stream_); }
    GzipSource(GzipSource const&) = delete;
    GzipSource& operator=(GzipSource const&) = delete;

    void read_at(std::int64_t offset, void* out, std::int64_t bytes) const override {
        std::int64_t const got = read_some_at(offset, out, bytes);
        check(got == bytes, "{}: expected {} unzipped bytes at offset {}, got {}", path_, bytes,
              offset, got);
    }

    std::int64_t read_some_at(std::int64_t offset, void* out, std::int64_t bytes) const override {
        std::lock_guard const lock(mutex_);
        if (!seek(offset)) return 0;
        return read(static_cast<std::byte*>(out), bytes);
    }

    std::int64_t size_up_to(std::int64_t limit) const override {
        std::lock_guard const lock(mutex_);
        Buffer<std::byte> block(128 << 10);
        check_zlib(gzrewind(stream_) == 0);
        std::int64_t size = 0;
        while (size < limit) {
            std::int64_t const got = read(block.data(), std::min(block.size(), limit - size));
            if (got == 0) break;
            size += got;
        }
        return size;
    }

  private:
    /// Go to `offset` of the unzipped bytes; false when there are not that many.
    bool seek(std::int64_t offset) const {
        if (offset < gztell(stream_)) check_zlib(gzrewind(stream_) == 0);
        Buffer<std::byte> skipped(std::min<std::int64_t>(128 << 10, offset - gztell(stream_)));
        while (gztell(stream_) < offset) {
            std::int64_t const left = offset - gztell(stream_);
            if (read(skipped.data(), std::min(skipped.size(), left)) == 0) return false;
        }
        return true;
    }

    /// Up to `bytes` bytes from here; less only at the end.
    std::int64_t read(std::byte* out, std::int64_t bytes) const {
        std::int64_t done = 0;
        while (done < bytes) {
            auto const part = static_cast<unsigned>(std::min<std::int64_t>(bytes - done, 1 << 30));
            int const got = gzread(stream_, out + done, part);
            check_zlib(got >= 0);
            if (got == 0) break;
            done += got;
        }
        // A file that was cut off gives what it has, and says so only now.
        if (done < bytes) check_zlib(error() == Z_OK || error() == Z_STREAM_END);
        return done;
    }

    int error() const {
        int code = Z_OK;
        gzerror(stream_, &code);
        return code;
    }

    void check_zlib(bool ok) const {
        if (ok) [[likely]]
            return;
        fail("{}: {}", path_,
             error() == Z_BUF_ERROR ? "the gzip data end too early" : "the gzip data are damaged");
    }

    std::string path_;
    gzFile stream_ = nullptr;
    mutable std::mutex mutex_;  // zlib's stream has one position
};

}  // namespace

std::unique_ptr<ByteSource> open_byte_source(std::string const& path) {
    File file = File::open_read(path);
    unsigned char start[2] = {};
    file.read_some_at(0, start, sizeof start);
    if (start[0] == 0x1f && start[1] == 0x8b) return std::make_unique<GzipSource>(file);
    return std::make_unique<PlainSource>(std::move(file));
}

}  // namespace partita::format
