#include "format/bad_files.hpp"
#include "format/file_bytes.hpp"

namespace partita::format::test {

std::vector<BadFile> bad_vecs_files() {
    std::string const row = little(std::int32_t{2}) + little_all<float>({1, 2});
    std::string const other = little(std::int32_t{3}) + little_all<float>({1, 2});
    return {
        {"empty.fvecs", "", "expected at least one row, got an empty file"},
        {"short.fvecs", "ab", "expected at least 4 bytes, got 2"},
        {"zero.fvecs", little(std::int32_t{0}),
         "expected vectors of at least one dimension, got 0"},
        {"negative.fvecs", little(std::int32_t{-5}) + row,
         "expected vectors of at least one dimension, got -5"},
        {"cut.fvecs", row + row.substr(0, 11),
         "expected a multiple of 12 bytes (rows of dimension 2), got 23"},
        {"more.fvecs", row + "x", "expected a multiple of 12 bytes (rows of dimension 2), got 13"},
        {"lie.fvecs", little(std::int32_t{0x7fffffff}) + row,
         "expected a multiple of 8589934592 bytes (rows of dimension 2147483647), got 16"},
        {"ragged.fvecs", row + row + other,
         "row 2: expected dimension 2 as in the first row, got 3"},
        {"cut.bvecs", little(std::int32_t{3}) + "ab",
         "expected a multiple of 7 bytes (rows of dimension 3), got 6"},
        {"ragged.ivecs", little_all<std::int32_t>({1, 7, 0, 8}),
         "row 1: expected dimension 1 as in the first row, got 0"},
    };
}

}  // namespace partita::format::test
