#include "format/bad_files.hpp"
#include "format/file_bytes.hpp"
#include "format/gzip_bytes.hpp"

namespace partita::format::test {
namespace {

std::string idx_header(char type, std::vector<std::uint32_t> const& shape) {
    return std::string{'\0', '\0', type, static_cast<char>(shape.size())} + big_all(shape);
}

std::vector<BadFile> bad_plain_files() {
    std::string const expected = "expected an idx file (starting with bytes such as 00 00 08 03)";
    return {
        {"empty.idx", "", expected + ", got an empty file"},
        {"short.idx", std::string(2, '\0'), expected + ", got 00 00"},
        {"magic.idx", "\x93NUMPY", expected + ", got 93 4e 55 4d"},
        {"type.idx", idx_header('\x0a', {1, 1}) + "a", expected + ", got 00 00 0a 02"},
        {"none.idx", idx_header('\x08', {}) + "a", expected + ", got 00 00 08 00"},
        {"int8.idx", idx_header('\x09', {1, 1}) + "a",
         "expected uint8, int32, float32 or float64, got int8"},
        {"int16.idx", idx_header('\x0b', {1, 1}) + "ab",
         "expected uint8, int32, float32 or float64, got int16"},
        {"extents.idx", idx_header('\x08', {1, 1}).substr(0, 9),
         "expected 8 bytes at offset 4, got 5"},
        {"rows.idx", idx_header('\x08', {0, 3}), "expected at least one row, got 0"},
        {"dim.idx", idx_header('\x08', {3, 0}),
         "expected vectors of at least one dimension, got 0"},
        {"labels.idx", idx_header('\x08', {3}) + "abc", "expected at least 2 dimensions, got 1"},
        {"cut.idx", idx_header('\x08', {2, 2}) + "abc",
         "expected 4 bytes of data for shape (2, 2), got 3"},
        {"more.idx", idx_header('\x08', {2, 2}) + "abcde",
         "expected 4 bytes of data for shape (2, 2), got more"},
        {"lie.idx", idx_header('\x08', {0xffffffff, 0xffffffff, 0xffffffff}) + "abc",
         "expected 9223372036854775807 bytes of data for shape (4294967295, 4294967295, "
         "4294967295), got 3"},
    };
}

std::vector<BadFile> bad_gzip_files() {
    std::string pixels(10000, '\0');
    for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<char>(i * i * i >> 5);
    std::string const good = gzip_bytes(idx_header('\x08', {100, 100}) + pixels);
    std::string damaged = good;
    damaged[damaged.size() - 6] ^= 1;  // the checksum
    return {
        {"magic.idx.gz", gzip_bytes("hello"),
         "unknown vector format; the known ones are .npy, "
         ".fvecs, .bvecs, .ivecs, .fbin, .u8bin, .ibin, idx (also gzipped), .csv, .tsv and .h5"},
        {"cut-idx3-ubyte.gz", good.substr(0, good.size() / 2), "the gzip data end too early"},
        {"tail-idx3-ubyte.gz", good.substr(0, good.size() - 3), "the gzip data end too early"},
        {"damaged-idx3-ubyte.gz", damaged, "the gzip data are damaged"},
        {"start-idx3-ubyte.gz", good.substr(0, 5), "the gzip data end too early"},
        {"fewer-idx3-ubyte.gz", gzip_bytes(idx_header('\x08', {2, 2}) + "abc"),
         "expected 4 bytes of data for shape (2, 2), got 3"},
        {"more-idx3-ubyte.gz", gzip_bytes(idx_header('\x08', {2, 2}) + "abcdefg"),
         "expected 4 bytes of data for shape (2, 2), got more"},
        {"extents-idx3-ubyte.gz", gzip_bytes(idx_header('\x08', {2, 2}).substr(0, 9)),
         "expected 8 unzipped bytes at offset 4, got 5"},
    };
}

}  // namespace

std::vector<BadFile> bad_idx_files() {
    std::vector<BadFile> all = bad_plain_files();
    for (auto const& bad : bad_gzip_files()) all.push_back(bad);
    return all;
}

}  // namespace partita::format::test
