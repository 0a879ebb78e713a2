#include "format/bad_files.hpp"
#include "format/expect_refused.hpp"
#include "format/file_bytes.hpp"

#include "partita/core/random.hpp"

#include <limits>

namespace partita::format::test {
namespace {

using partita::test::error_message;
using partita::test::TempFolder;
using testing::ElementsAre;

TEST(Npy, ReadsEveryNumberType) {
    TempFolder const folder;
    auto const open = [&](std::string const& descr, std::string const& data) {
        return open_vector_file(folder.put("x.npy", npy_bytes(npy_dict(descr, "(2, 2)"), data)));
    };
    auto const f4 = open("<f4", little_all<float>({1, -2.5, 3, 4}));
    EXPECT_EQ(f4->shape().rows, 2);
    EXPECT_EQ(f4->shape().dim, 2);
    EXPECT_EQ(f4->shape().type, ElementType::float32);
    EXPECT_THAT(all_values(*f4), ElementsAre(1, -2.5, 3, 4));
    auto const f8 = open("<f8", little_all<double>({1, 0.1, 3, 4}));
    EXPECT_EQ(f8->shape().type, ElementType::float64);
    EXPECT_THAT(all_native<double>(*f8), ElementsAre(1, 0.1, 3, 4));
    EXPECT_THAT(all_values(*f8), ElementsAre(1, 0.1f, 3, 4));
    auto const u1 = open("|u1", std::string("\x00\xff\x07\x80", 4));
    EXPECT_EQ(u1->shape().type, ElementType::uint8);
    EXPECT_THAT(all_values(*u1), ElementsAre(0, 255, 7, 128));
    auto const i4 = open("<i4", little_all<std::int32_t>({-1, 2, 3, 1 << 30}));
    EXPECT_EQ(i4->shape().type, ElementType::int32);
    EXPECT_THAT(all_values(*i4), ElementsAre(-1, 2, 3, 1 << 30));
    auto const i8 = open("<i8", little_all<std::int64_t>({-1, 2, 3, std::int64_t{1} << 40}));
    EXPECT_EQ(i8->shape().type, ElementType::int64);
    EXPECT_THAT(all_native<std::int64_t>(*i8), ElementsAre(-1, 2, 3, std::int64_t{1} << 40));
}

TEST(Npy, ReadsTheOtherByteOrder) {
    TempFolder const folder;
    auto const open = [&](std::string const& descr, std::string const& data) {
        return open_vector_file(folder.put("x.npy", npy_bytes(npy_dict(descr, "(1, 3)"), data)));
    };
    EXPECT_THAT(all_values(*open(">f4", big_all<float>({1, -2.5, 3e7}))),
                ElementsAre(1, -2.5, 3e7));
    EXPECT_THAT(all_native<double>(*open(">f8", big_all<double>({1, 0.1, 3}))),
                ElementsAre(1, 0.1, 3));
    EXPECT_THAT(all_native<std::int64_t>(*open(">i8", big_all<std::int64_t>({1, -7, 256}))),
                ElementsAre(1, -7, 256));
    EXPECT_THAT(all_values(*open(">u1", "abc")), ElementsAre('a', 'b', 'c'));
}

/// Row-major values as the columns one after the other.
template <class T>
std::vector<T> transposed(std::vector<T> const& values, std::int64_t rows, std::int64_t dim) {
    std::vector<T> columns;
    for (std::int64_t j = 0; j < dim; ++j)
        for (std::int64_t i = 0; i < rows; ++i)
            columns.push_back(values[static_cast<std::size_t>(i * dim + j)]);
    return columns;
}

TEST(Npy, ReadsAnyRowsOfAnyShapeInBothOrders) {
    TempFolder const folder;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        RandomStream random(seed);
        std::int64_t const rows = 1 + random.below(seed == 20 ? 9000 : 40);
        std::int64_t const dim = 1 + random.below(9);
        std::vector<double> values(static_cast<std::size_t>(rows * dim));
        for (double& x : values) x = random.normal();
        std::string const shape = fmt::format("({}, {})", rows, dim);
        bool const fortran = seed % 2 == 0, swapped = seed % 3 == 0;
        auto const stored = fortran ? transposed(values, rows, dim) : values;
        auto const reader = open_vector_file(folder.put(
            "x.npy", npy_bytes(npy_dict(swapped ? ">f8" : "<f8", shape, fortran ? "True" : "False"),
                               swapped ? big_all(stored) : little_all(stored))));
        EXPECT_EQ(all_native<double>(*reader), values);
        std::int64_t const first = random.below(rows), last = first + random.below(rows - first);
        std::vector<double> part(static_cast<std::size_t>((last - first) * dim));
        reader->read_native(first, last, part.data());
        EXPECT_EQ(part,
                  std::vector<double>(values.begin() + first * dim, values.begin() + last * dim));
    }
}

TEST(Npy, AcceptsWhatNumPyEverWrote) {
    TempFolder const folder;
    std::string const data = little_all<float>({1, 2});
    auto const values = [&](std::string const& contents) {
        return all_values(*open_vector_file(folder.put("x.npy", contents)));
    };
    for (int const version : {1, 2, 3})
        EXPECT_THAT(values(npy_bytes(npy_dict("<f4", "(1, 2)"), data, version)), ElementsAre(1, 2));
    EXPECT_THAT(values(npy_bytes(npy_dict("<f4", "(1L, 2L)"), data)), ElementsAre(1, 2));
    EXPECT_THAT(values(npy_bytes(npy_dict("=f4", "( 2 ,1 ,)"), data)), ElementsAre(1, 2));
    EXPECT_THAT(
        values(npy_bytes(R"({"shape": (1, 2), "fortran_order": False, "descr": "<f4"})", data)),
        ElementsAre(1, 2));
    // Byte for byte what numpy.save(numpy.array([[1, 2]], '<f4')) of NumPy 1.24 writes.
    std::string const header =
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }" + std::string(58, ' ') + "\n";
    EXPECT_THAT(values(std::string("\x93NUMPY\x01\0v\0", 10) + header + data), ElementsAre(1, 2));
}

TEST(Npy, KnowsItsNameInCapitals) {
    TempFolder const folder;
    std::string const path = folder.put("X.NPY", npy_bytes(npy_dict("<f4", "(1, 1)"), little(3.f)));
    EXPECT_THAT(all_values(*open_vector_file(path)), ElementsAre(3));
}

TEST(Npy, RefusesBadFiles) { expect_refused(bad_npy_files(), read_all_vectors); }

TEST(Npy, NamesTheFirstValueThatIsNotFinite) {
    TempFolder const folder;
    float const nan = std::numeric_limits<float>::quiet_NaN();
    float const infinity = std::numeric_limits<float>::infinity();
    std::string const path = folder.put(
        "x.npy",
        npy_bytes(npy_dict("<f4", "(3, 2)"), little_all<float>({1, 2, 3, nan, infinity, 4})));
    auto const reader = open_vector_file(path);
    std::vector<float> values(6);
    EXPECT_EQ(error_message([&] { reader->read(0, 3, values.data()); }),
              path + ": row 1, column 1: expected a finite float32, got nan");
    EXPECT_EQ(error_message([&] { reader->read(2, 3, values.data()); }),
              path + ": row 2, column 0: expected a finite float32, got inf");
    reader->read(0, 1, values.data());
    reader->read(0, 3, values.data(), true);
    EXPECT_EQ(values[4], infinity);
    std::string const large = folder.put(
        "y.npy", npy_bytes(npy_dict("<f8", "(1, 2)"), little_all<double>({1e300, -1e300})));
    EXPECT_EQ(error_message([&] { read_all_vectors(large); }),
              large + ": row 0, column 0: expected a finite float32, got inf");
}

TEST(Npy, RefusesRowsThatItHasNot) {
    TempFolder const folder;
    std::string const path = folder.put("x.npy", npy_bytes(npy_dict("|u1", "(3, 1)"), "abc"));
    auto const reader = open_vector_file(path);
    char value = 0;
    reader->read_native(3, 3, &value);
    EXPECT_EQ(error_message([&] { reader->read_native(2, 4, &value); }),
              path + ": expected rows within [0, 3), got [2, 4)");
    EXPECT_EQ(error_message([&] { reader->read_native(-1, 0, &value); }),
              path + ": expected rows within [0, 3), got [-1, 0)");
    EXPECT_EQ(error_message([&] { reader->read_native(2, 1, &value); }),
              path + ": expected rows within [0, 3), got [2, 1)");
}

TEST(Npy, NoticesThatAFileShrankAfterItWasOpened) {
    TempFolder const folder;
    std::string const contents = npy_bytes(npy_dict("|u1", "(3, 1)"), "abc");
    std::string const path = folder.put("x.npy", contents);
    auto const reader = open_vector_file(path);
    folder.put("x.npy", contents.substr(0, contents.size() - 2));
    char values[3];
    EXPECT_EQ(error_message([&] { reader->read_native(0, 3, values); }),
              path + ": expected 3 bytes at offset 128, got 1");
}

}  // namespace
}  // namespace partita::format::test
