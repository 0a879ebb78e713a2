#include "format/bad_files.hpp"
#include "format/expect_refused.hpp"
#include "format/file_bytes.hpp"

#include "partita/core/random.hpp"

namespace partita::format::test {
namespace {

using partita::test::error_message;
using partita::test::TempFolder;
using testing::ElementsAre;

TEST(Vecs, ReadsFloatsBytesAndIntegers) {
    TempFolder const folder;
    auto const floats =
        open_vector_file(folder.put("x.fvecs", little(2) + little_all<float>({1, -2.5}) +
                                                   little(2) + little_all<float>({3, 4e-5f})));
    EXPECT_EQ(floats->shape().rows, 2);
    EXPECT_EQ(floats->shape().dim, 2);
    EXPECT_EQ(floats->shape().type, ElementType::float32);
    EXPECT_THAT(all_values(*floats), ElementsAre(1, -2.5, 3, 4e-5f));
    auto const bytes = open_vector_file(folder.put("x.bvecs", little(3) + "\x01\x80\xff"));
    EXPECT_EQ(bytes->shape().type, ElementType::uint8);
    EXPECT_THAT(all_values(*bytes), ElementsAre(1, 128, 255));
    auto const integers = open_vector_file(folder.put("x.ivecs", little_all<int>({1, -7, 1, 8})));
    EXPECT_EQ(integers->shape().type, ElementType::int32);
    EXPECT_THAT(all_native<std::int32_t>(*integers), ElementsAre(-7, 8));
}

TEST(Vecs, ReadsAnyRowsOfAnyShape) {
    TempFolder const folder;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        RandomStream random(seed);
        // The last one is longer than the block in which files are read.
        std::int64_t const rows = 1 + random.below(seed == 20 ? 100000 : 40);
        std::int64_t const dim = 1 + random.below(12);
        std::vector<float> values;
        std::string contents;
        for (std::int64_t i = 0; i < rows; ++i) {
            contents += little(static_cast<std::int32_t>(dim));
            for (std::int64_t j = 0; j < dim; ++j) {
                values.push_back(static_cast<float>(random.normal()));
                contents += little(values.back());
            }
        }
        auto const reader = open_vector_file(folder.put("x.fvecs", contents));
        EXPECT_EQ(all_values(*reader), values);
        std::int64_t const first = random.below(rows), last = first + random.below(rows - first);
        std::vector<float> part(static_cast<std::size_t>((last - first) * dim));
        reader->read(first, last, part.data());
        EXPECT_EQ(part,
                  std::vector<float>(values.begin() + first * dim, values.begin() + last * dim));
    }
}

TEST(Vecs, RefusesBadFiles) { expect_refused(bad_vecs_files(), read_all_vectors); }

TEST(Vecs, RaggedRowsDoNotDisturbTheOthers) {
    TempFolder const folder;
    auto const reader =
        open_vector_file(folder.put("x.ivecs", little_all<std::int32_t>({1, 7, 1, 8, 2, 9})));
    float value = 0;
    reader->read(1, 2, &value);
    EXPECT_EQ(value, 8);
    EXPECT_EQ(error_message([&] { reader->read(2, 3, &value); }),
              reader->path() + ": row 2: expected dimension 1 as in the first row, got 2");
}

TEST(OpenVectorFile, SaysWhatIsWrongWithAName) {
    TempFolder const folder;
    for (char const* name : {"x.npy", "x.fvecs", "x.fbin", "x.idx", "x.unknown"})
        EXPECT_EQ(error_message([&] { open_vector_file(folder.file(name)); }),
                  folder.file(name) + ": No such file or directory");
    EXPECT_EQ(error_message([&] { open_vector_file(folder.path()); }),
              folder.path() + ": expected a file, got a folder");
    std::string const path = folder.put("x.parquet", "PAR1");
    EXPECT_EQ(error_message([&] { open_vector_file(path); }),
              path +
                  ": unknown vector format; the known ones are .npy, .fvecs, .bvecs, .ivecs, "
                  ".fbin, .u8bin, .ibin, idx (also gzipped), .csv, .tsv and .h5");
}

}  // namespace
}  // namespace partita::format::test
