#include "partita/format/vector_encoder.hpp"

#include "format/expect_refused.hpp"
#include "format/file_bytes.hpp"

#include "partita/core/random.hpp"

#include <cstring>
#include <limits>

namespace partita::format::test {
namespace {

using partita::test::error_message;
using partita::test::TempFolder;
using testing::StartsWith;

std::string text_of(std::vector<std::byte> const& bytes) {
    return {reinterpret_cast<char const*>(bytes.data()), bytes.size()};
}

/// The whole file, put together from blocks of rows at the offsets that the encoder tells.
template <class T>
std::string encoded(std::string const& path, VectorShape const& shape, std::vector<T> const& rows,
                    std::int64_t block_rows = 3) {
    auto const encoder = encoder_for(path, shape);
    std::string file = text_of(encoder->header());
    file.resize(static_cast<std::size_t>(encoder->offset_of(shape.rows)), '?');
    for (std::int64_t first = 0; first < shape.rows; first += block_rows) {
        std::int64_t const count = std::min(block_rows, shape.rows - first);
        std::vector<std::byte> bytes(static_cast<std::size_t>(count * encoder->row_bytes()));
        encoder->encode(rows.data() + first * shape.dim, count, bytes.data());
        std::memcpy(file.data() + encoder->offset_of(first), bytes.data(), bytes.size());
    }
    return file;
}

TEST(VectorEncoder, WritesTheBytesOfEachFormat) {
    using enum ElementType;
    std::vector<float> const rows = {1, 2, 3, 4};
    VectorShape const shape{2, 2, float32};
    EXPECT_EQ(encoded("x.fvecs", shape, rows),
              little(2) + little_all<float>({1, 2}) + little(2) + little_all<float>({3, 4}));
    EXPECT_EQ(encoded("x.bvecs", shape, rows), little(2) + "\1\2" + little(2) + "\3\4");
    EXPECT_EQ(encoded("x.ivecs", shape, rows), little_all<int>({2, 1, 2, 2, 3, 4}));
    EXPECT_EQ(encoded("x.fbin", shape, rows), little(2) + little(2) + little_all(rows));
    EXPECT_EQ(encoded("x.u8bin", shape, rows), little(2) + little(2) + "\1\2\3\4");
    EXPECT_EQ(encoded("x.ibin", shape, rows), little_all<int>({2, 2, 1, 2, 3, 4}));
    EXPECT_EQ(encoded("x.idx", shape, rows),
              std::string("\0\0\x0d\2", 4) + big(2) + big(2) + big_all(rows));
    std::vector<std::uint8_t> const bytes = {1, 2, 3, 4};
    EXPECT_EQ(encoded("x-idx3-ubyte", {2, 2, uint8}, bytes),
              std::string("\0\0\x08\2", 4) + big(2) + big(2) + "\1\2\3\4");
    EXPECT_EQ(
        encoded("x.npy", shape, rows),
        npy_bytes("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }", little_all(rows)));
    EXPECT_EQ(encoded("x.npy", {2, 2, uint8}, bytes),
              npy_bytes("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2), }",
                        little_all(bytes)));
    EXPECT_EQ(encoded("x.npy", {1, 1, int64}, std::vector<std::int64_t>{-5}),
              npy_bytes("{'descr': '<i8', 'fortran_order': False, 'shape': (1, 1), }",
                        little(std::int64_t{-5})));
}

TEST(VectorEncoder, NpyHeadersEndAtAMultipleOf64) {
    for (std::int64_t rows = 1; rows < std::int64_t{1} << 40; rows *= 10) {
        auto const header = encoder_for("x.npy", {rows, 7, ElementType::float64})->header();
        EXPECT_EQ(header.size() % 64, 0u) << rows;
        EXPECT_EQ(static_cast<char>(header.back()), '\n');
    }
}

TEST(VectorEncoder, ReadersGetBackWhatWasWritten) {
    TempFolder const folder;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        RandomStream random(seed);
        VectorShape const shape{static_cast<std::int64_t>(1 + random.below(50)),
                                static_cast<std::int64_t>(1 + random.below(20)),
                                ElementType::float32};
        std::vector<float> rows(static_cast<std::size_t>(shape.rows * shape.dim));
        for (float& x : rows) x = static_cast<float>(random.below(256));
        for (char const* name :
             {"x.npy", "x.fvecs", "x.bvecs", "x.ivecs", "x.fbin", "x.u8bin", "x.ibin", "x.idx"}) {
            auto const reader = open_vector_file(folder.put(name, encoded(name, shape, rows)));
            EXPECT_EQ(all_values(*reader), rows) << name;
            EXPECT_EQ(reader->shape().type, stored_type(name, ElementType::float32)) << name;
        }
    }
}

TEST(VectorEncoder, KnowsWhichTypeIsStored) {
    using enum ElementType;
    for (ElementType const type : {float32, float64, uint8, int32, int64}) {
        EXPECT_EQ(stored_type("x.npy", type), type);
        EXPECT_EQ(stored_type("x.fvecs", type), float32);
        EXPECT_EQ(stored_type("a.b/x.BVECS", type), uint8);
        EXPECT_EQ(stored_type("x.ibin", type), int32);
        EXPECT_EQ(stored_type("x.idx", type), type == int64 ? int32 : type);
    }
    EXPECT_THAT(error_message([] { stored_type("x.xyz", float32); }),
                StartsWith("x.xyz: unknown vector format; the known ones are .npy, "));
}

TEST(VectorEncoder, NamesWhatDoesNotFit) {
    using enum ElementType;
    std::vector<float> const rows = {1, 2, 3, 4.5};
    EXPECT_EQ(error_message([&] {
                  encoded("x.bvecs", {2, 2, float32}, rows);
              }),
              "x.bvecs: column 1: expected a whole number from 0 to 255, got 4.5");
    constexpr std::int64_t many = std::int64_t{1} << 40;
    EXPECT_EQ(error_message([&] {
                  encoder_for("x.fbin", {many, 2, float32});
              }),
              "x.fbin: the format holds at most 4294967295 rows, got 1099511627776");
    EXPECT_EQ(error_message([&] {
                  encoder_for("x.idx", {1, many, float32});
              }),
              "x.idx: the format holds at most 4294967295 dimensions, got 1099511627776");
    EXPECT_EQ(error_message([&] {
                  encoder_for("x.fvecs", {1, many, float32});
              }),
              "x.fvecs: the format holds at most 2147483647 dimensions, got 1099511627776");
    EXPECT_EQ(error_message([&] {
                  encoder_for("x.npy", {many, many, float32});
              }),
              "x.npy: 1099511627776 x 1099511627776 values are more than a file can hold");
    EXPECT_EQ(error_message([&] {
                  encoder_for("x.npy", {5, 0, float32});
              }),
              "x.npy: expected a shape to write, got 5 x 0");
    EXPECT_EQ(error_message([&] {
                  encoder_for("x-idx3-ubyte.gz", {5, 1, uint8});
              }),
              "x-idx3-ubyte.gz: idx files are read gzipped but written plain");
    EXPECT_THAT(error_message([&] {
                    encoder_for("x", {5, 1, uint8});
                }),
                StartsWith("x: unknown vector format"));
}

}  // namespace
}  // namespace partita::format::test
