#include "format/bad_files.hpp"
#include "format/expect_refused.hpp"
#include "format/file_bytes.hpp"

#include "partita/core/random.hpp"

namespace partita::format::test {
namespace {

using partita::test::TempFolder;
using testing::ElementsAre;

std::string bin_header(std::int64_t rows, std::int64_t dim) {
    return little(static_cast<std::uint32_t>(rows)) + little(static_cast<std::uint32_t>(dim));
}

TEST(Bin, ReadsFloatsBytesAndIntegers) {
    TempFolder const folder;
    auto const floats = open_vector_file(
        folder.put("x.fbin", bin_header(2, 2) + little_all<float>({1, -2.5, 3, 4e-5f})));
    EXPECT_EQ(floats->shape().rows, 2);
    EXPECT_EQ(floats->shape().dim, 2);
    EXPECT_EQ(floats->shape().type, ElementType::float32);
    EXPECT_THAT(all_values(*floats), ElementsAre(1, -2.5, 3, 4e-5f));
    auto const bytes = open_vector_file(folder.put("x.u8bin", bin_header(1, 3) + "\x01\x80\xff"));
    EXPECT_EQ(bytes->shape().type, ElementType::uint8);
    EXPECT_THAT(all_values(*bytes), ElementsAre(1, 128, 255));
    auto const integers =
        open_vector_file(folder.put("x.ibin", bin_header(2, 1) + little_all<int>({-7, 8})));
    EXPECT_EQ(integers->shape().type, ElementType::int32);
    EXPECT_THAT(all_native<std::int32_t>(*integers), ElementsAre(-7, 8));
}

TEST(Bin, ReadsAnyRowsOfAnyShape) {
    TempFolder const folder;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        RandomStream random(seed);
        // The last one is longer than the block in which types are converted.
        std::int64_t const rows = 1 + random.below(seed == 10 ? 300000 : 40);
        std::int64_t const dim = 1 + random.below(12);
        std::string bytes(static_cast<std::size_t>(rows * dim), '\0');
        for (char& c : bytes) c = static_cast<char>(random());
        auto const reader = open_vector_file(folder.put("x.u8bin", bin_header(rows, dim) + bytes));
        std::int64_t const first = random.below(rows), last = first + random.below(rows - first);
        std::vector<float> part(static_cast<std::size_t>((last - first) * dim)), expected;
        for (std::int64_t i = first * dim; i < last * dim; ++i)
            expected.push_back(static_cast<unsigned char>(bytes[static_cast<std::size_t>(i)]));
        reader->read(first, last, part.data());
        EXPECT_EQ(part, expected);
    }
}

TEST(Bin, RefusesBadFiles) { expect_refused(bad_bin_files(), read_all_vectors); }

}  // namespace
}  // namespace partita::format::test
