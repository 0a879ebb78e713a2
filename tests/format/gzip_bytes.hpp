#pragma once

#include <stdexcept>
#include <string>

#include <zlib.h>

namespace partita::format::test {

/// `bytes` as a gzip file.
inline std::string gzip_bytes(std::string bytes) {
    z_stream stream{};
    constexpr int gzip_window = 15 + 16;
    if (deflateInit2(&stream, 6, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::runtime_error("deflateInit2");
    std::string zipped(deflateBound(&stream, bytes.size()), '\0');
    stream.next_in = reinterpret_cast<unsigned char*>(bytes.data());
    stream.avail_in = static_cast<unsigned>(bytes.size());
    stream.next_out = reinterpret_cast<unsigned char*>(zipped.data());
    stream.avail_out = static_cast<unsigned>(zipped.size());
    if (deflate(&stream, Z_FINISH) != Z_STREAM_END) throw std::runtime_error("deflate");
    zipped.resize(stream.total_out);
    deflateEnd(&stream);
    return zipped;
}

}  // namespace partita::format::test
