#include "format/bad_files.hpp"
#include "format/file_bytes.hpp"

namespace partita::format::test {
namespace {

std::string bin_header(std::uint32_t rows, std::uint32_t dim) { return little(rows) + little(dim); }

}  // namespace

std::vector<BadFile> bad_bin_files() {
    std::string const six = little_all<float>({1, 2, 3, 4, 5, 6});
    return {
        {"empty.fbin", "", "expected at least 8 bytes, got 0"},
        {"short.fbin", bin_header(1, 1).substr(0, 7), "expected at least 8 bytes, got 7"},
        {"rows.fbin", bin_header(0, 3), "expected at least one row, got 0"},
        {"dim.fbin", bin_header(3, 0), "expected vectors of at least one dimension, got 0"},
        {"cut.fbin", bin_header(2, 3) + six.substr(1),
         "expected 24 bytes of data for 2 rows of dimension 3, got 23"},
        {"more.fbin", bin_header(2, 3) + six + "x",
         "expected 24 bytes of data for 2 rows of dimension 3, got 25"},
        {"lie.fbin", bin_header(0xffffffff, 0xffffffff) + six,
         "expected 9223372036854775807 bytes of data for 4294967295 rows of dimension 4294967295, "
         "got 24"},
        {"half.fbin", bin_header(0x80000000, 0x80000000) + six,
         "expected 9223372036854775807 bytes of data for 2147483648 rows of dimension 2147483648, "
         "got 24"},
        {"type.u8bin", bin_header(2, 3) + six,
         "expected 6 bytes of data for 2 rows of dimension 3, got 24"},
    };
}

}  // namespace partita::format::test
