#include "format/fuzz/seeds.hpp"

#include "format/bad_files.hpp"
#include "format/file_bytes.hpp"
#include "format/gzip_bytes.hpp"

namespace partita::format::test {
namespace {

FuzzSeeds with_bad_files(FuzzSeeds seeds, std::vector<BadFile> const& bad_files) {
    for (auto const& bad : bad_files) seeds.files.push_back(bad.contents);
    return seeds;
}

std::string const two_by_three = little_all<float>({1, -2.5, 3, 4e-5f, 5, 6});

}  // namespace

std::vector<FuzzSeeds> fuzz_seeds() {
    std::string const pair = little(std::uint32_t{2}) + little(std::uint32_t{3});
    std::string const idx = std::string("\0\0\x08\2\0\0\0\2\0\0\0\3", 12) + "abcdef";
    std::string const row = little(std::int32_t{3}) + two_by_three.substr(0, 12);
    return {
        with_bad_files({"npy",
                        fuzz_npy,
                        {npy_bytes(npy_dict("<f4", "(2, 3)"), two_by_three),
                         npy_bytes(npy_dict(">f8", "(3, 1)", "True"), two_by_three),
                         npy_bytes(npy_dict("<i4", "(6, 1)"), two_by_three, 3)}},
                       bad_npy_files()),
        with_bad_files({"npy_column",
                        fuzz_npy_column,
                        {npy_bytes(npy_dict("|S4", "(6,)"), two_by_three),
                         npy_bytes(npy_dict("<i8", "(3,)"), two_by_three),
                         npy_bytes(npy_dict("<U1", "(3,)"), little_all<int>({65, 233, 8364}))}},
                       bad_npy_columns()),
        with_bad_files({"vecs", fuzz_vecs, {row + row, little(std::int32_t{3}) + "abc"}},
                       bad_vecs_files()),
        with_bad_files({"bin", fuzz_bin, {pair + two_by_three, pair + "abcdef"}}, bad_bin_files()),
        with_bad_files({"idx",
                        fuzz_idx,
                        {idx, gzip_bytes(idx), std::string("\0\0\x0c\1\0\0\0\1\0\0\0\7", 12)}},
                       bad_idx_files()),
        with_bad_files({"csv",
                        fuzz_csv,
                        {"id,a,b\nhorse,1,-2.5\n\"po\"\"ny\",3e5,4\n", "1\t2\r\n3\t4\r\n",
                         "1 2\n3 4", "x;y\n.5;nan\n"}},
                       bad_csv_files()),
        with_bad_files({"labels", fuzz_labels, {"horse\npony\n", "1\r\n-2\r\n"}},
                       bad_label_files()),
    };
}

}  // namespace partita::format::test
