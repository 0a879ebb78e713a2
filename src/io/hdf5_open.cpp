#include "io/hdf5_open.hpp"

#include "partita/core/file.hpp"

#include <cstdio>
#include <cstring>

namespace partita::io {

namespace {

constexpr char signature[] = "\x89HDF\r\n\x1a\n";
constexpr std::int64_t signature_bytes = 8;

/// HDF5's "truncated file: eof = 96, sblock->base_addr = 0, stored_eof = 2048" in plain words.
std::string opening_problem(std::string const& reason) {
    unsigned long long got = 0, base = 0, expected = 0;
    char const* const pattern =
        "truncated file: eof = %llu, sblock->base_addr = %llu, "
        "stored_eof = %llu";
    if (std::sscanf(reason.c_str(), pattern, &got, &base, &expected) == 3)
        return fmt::format("truncated HDF5 file: expected {} bytes, got {}", expected, got);
    return "damaged HDF5 file" + (reason.empty() ? "" : " (" + reason + ")");
}

}  // namespace

bool looks_like_hdf5(std::string const& path) {
    File const file = File::open_read(path);
    std::int64_t const size = file.size();
    // The signature lies at 0, or after a user block of 512, 1024, 2048 ... bytes.
    for (std::int64_t at = 0; at + signature_bytes <= size; at = at == 0 ? 512 : 2 * at) {
        char found[signature_bytes];
        file.read_at(at, found, signature_bytes);
        if (std::memcmp(found, signature, signature_bytes) == 0) return true;
    }
    return false;
}

Hdf5File open_hdf5(std::string const& path) {
    check(File::open_read(path).size() > 0, "{}: the file is empty", path);
    check(looks_like_hdf5(path), "{}: not an HDF5 file", path);
    Hdf5Lock const lock;
    Hdf5Properties const access = hdf5_file_access();
    Hdf5File file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.get()));
    if (!file) fail("{}: {}", path, opening_problem(hdf5_reason()));
    return file;
}

}  // namespace partita::io
