#include "partita/dataset/text_stream.hpp"

#include "partita/core/error.hpp"
#include "partita/core/file.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include <zlib.h>
#include <zstd.h>

namespace partita::dataset {
namespace {

class PlainStream final : public TextStream {
  public:
    PlainStream(std::string const& path, std::int64_t offset)
        : file_(File::open_read(path)), offset_(offset) {}

    std::int64_t read(char* out, std::int64_t bytes) override {
        std::int64_t const got = file_.read_some_at(offset_, out, bytes);
        offset_ += got;
        return got;
    }

  private:
    File file_;
    std::int64_t offset_;
};

class GzipStream final : public TextStream {
  public:
    explicit GzipStream(std::string const& path) : path_(path), file_(gzopen(path.c_str(), "rb")) {
        check(file_ != nullptr, "{}: cannot start to unzip", path_);
        gzbuffer(file_, 128 << 10);
    }
    ~GzipStream() override { gzclose_r(file_); }
    GzipStream(GzipStream const&) = delete;
    GzipStream& operator=(GzipStream const&) = delete;

    std::int64_t read(char* out, std::int64_t bytes) override {
        int const got =
            gzread(file_, out, static_cast<unsigned>(std::min<std::int64_t>(bytes, 1 << 30)));
        int error = Z_OK;
        char const* const text = gzerror(file_, &error);
        check(got >= 0 && (error == Z_OK || error == Z_STREAM_END), "{}: {}", path_,
              error == Z_BUF_ERROR ? "the gzip data end too early" : text);
        return got;
    }

  private:
    std::string path_;
    gzFile file_;
};

class ZstdStream final : public TextStream {
  public:
    explicit ZstdStream(std::string const& path)
        : file_(path, 0),
          path_(path),
          buffer_(ZSTD_DStreamInSize()),
          stream_(ZSTD_createDStream()) {
        check(stream_ != nullptr, "{}: out of memory", path_);
    }
    ~ZstdStream() override { ZSTD_freeDStream(stream_); }
    ZstdStream(ZstdStream const&) = delete;
    ZstdStream& operator=(ZstdStream const&) = delete;

    std::int64_t read(char* out, std::int64_t bytes) override {
        ZSTD_outBuffer output{out, static_cast<std::size_t>(bytes), 0};
        while (output.pos < output.size) {
            if (input_.pos == input_.size && !refill()) {
                check(!in_frame_, "{}: the zstd data end too early", path_);
                break;
            }
            std::size_t const left = ZSTD_decompressStream(stream_, &output, &input_);
            check(!ZSTD_isError(left), "{}: the zstd data are damaged: {}", path_,
                  ZSTD_getErrorName(left));
            in_frame_ = left != 0;
        }
        return static_cast<std::int64_t>(output.pos);
    }

  private:
    bool refill() {
        std::int64_t const got =
            file_.read(buffer_.data(), static_cast<std::int64_t>(buffer_.size()));
        input_ = {buffer_.data(), static_cast<std::size_t>(got), 0};
        return got > 0;
    }

    PlainStream file_;
    std::string path_;
    std::vector<char> buffer_;
    ZSTD_DStream* stream_;
    ZSTD_inBuffer input_{nullptr, 0, 0};
    bool in_frame_ = false;
};

}  // namespace

Compression compression_of(std::string const& path) {
    char start[4] = {};
    File::open_read(path).read_some_at(0, start, sizeof start);
    std::string_view const bytes(start, sizeof start);
    if (bytes.starts_with("\x1f\x8b")) return Compression::gzip;
    return bytes == "\x28\xb5\x2f\xfd" ? Compression::zstd : Compression::none;
}

std::unique_ptr<TextStream> open_text_stream(std::string const& path, std::int64_t offset) {
    if (offset > 0) return std::make_unique<PlainStream>(path, offset);
    switch (compression_of(path)) {
        case Compression::gzip:
            return std::make_unique<GzipStream>(path);
        case Compression::zstd:
            return std::make_unique<ZstdStream>(path);
        case Compression::none:
            break;
    }
    return std::make_unique<PlainStream>(path, 0);
}

}  // namespace partita::dataset
