#include "partita/io/convert.hpp"

#include "io/hdf5_files.hpp"
#include "io/on_root.hpp"
#include "support/error_message.hpp"
#include "support/shared_folder.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/file.hpp"
#include "partita/core/random.hpp"
#include "partita/io/hdf5_reader.hpp"

#include <filesystem>
#include <iterator>

#include <gtest/gtest.h>

namespace partita::io::convert_test {
namespace {

using format::ElementType;
using test::error_message;
using test::Hdf5Maker;
using test::on_root;
using test::SharedFolder;

Communicator world() { return Communicator::world(); }

char const* const every_name[] = {"a.h5",    "a.h5:/g/w", "a.npy",   "a.fvecs", "a.bvecs",
                                  "a.ivecs", "a.fbin",    "a.u8bin", "a.ibin",  "a.idx",
                                  "a.csv",   "a.tsv",     "a.txt"};

/// Small whole numbers, which every format can hold.
std::vector<float> whole_numbers(std::int64_t count) {
    RandomStream random(7);
    std::vector<float> values(static_cast<std::size_t>(count));
    for (float& value : values) value = static_cast<float>(random.below(256));
    return values;
}

void make_source(std::string const& path, std::int64_t rows, std::int64_t dim, bool with_ids) {
    Hdf5Maker maker(path);
    maker.add_floats("v", {static_cast<hsize_t>(rows), static_cast<hsize_t>(dim)},
                     whole_numbers(rows * dim));
    std::vector<std::string> ids;
    std::vector<char const*> pointers;
    for (std::int64_t i = 0; i < rows; ++i) ids.push_back("id, \"" + std::to_string(i * i));
    for (auto const& id : ids) pointers.push_back(id.c_str());
    if (with_ids) maker.add_texts("ids", pointers);
}

void expect_rows(VectorSource const& source, std::int64_t rows, std::int64_t dim) {
    EXPECT_EQ(source.rows(), rows);
    EXPECT_EQ(source.dim(), dim);
    if (source.rows() != rows || source.dim() != dim) return;
    Matrix const got = source.read(0, rows);
    auto const expected = whole_numbers(rows * dim);
    EXPECT_TRUE(std::equal(expected.begin(), expected.end(), got.data()));
}

ConvertOptions small_blocks(bool overwrite = false) {
    ConvertOptions options;
    options.memory_bytes = 300;  // a few rows a round
    options.overwrite = overwrite;
    return options;
}

TEST(Convert, AnyFormatToAnyOther) {
    SharedFolder folder(world());
    std::int64_t const rows = 23, dim = 3;
    on_root(world(), [&] { make_source(folder.file("source.h5"), rows, dim, false); });
    auto const source = VectorSource::open(world(), folder.file("source.h5"));
    for (char const* const name : every_name) {
        SCOPED_TRACE(name);
        std::string const from = folder.file(name);
        convert(world(), source, from, small_blocks(true));
        auto const middle = VectorSource::open(world(), from);
        expect_rows(middle, rows, dim);
        // Every writer has been there once; these stand for every kind of reader and writer.
        for (char const* const other : {"a.h5", "a.npy", "a.u8bin", "a.ivecs", "a.csv"}) {
            SCOPED_TRACE(other);
            std::string const to = folder.file(std::string("to_") + other);
            Converted const result = convert(world(), middle, to, small_blocks(true));
            EXPECT_EQ(result.ids_path, "");
            auto const copy = VectorSource::open(world(), to);
            expect_rows(copy, rows, dim);
            bool const is_text = std::string(other) == "a.csv";
            EXPECT_EQ(copy.type(), is_text ? ElementType::float32 : result.shape.type);
        }
    }
}

TEST(Convert, IdsGoWithTheRows) {
    SharedFolder folder(world());
    std::int64_t const rows = 12, dim = 2;
    on_root(world(), [&] { make_source(folder.file("source.h5"), rows, dim, true); });
    auto const source = VectorSource::open(world(), folder.file("source.h5"));
    EXPECT_EQ(source.ids().kind(), IdKind::text);
    for (char const* const name : every_name) {
        SCOPED_TRACE(name);
        std::string const to = folder.file(name);
        Converted const result = convert(world(), source, to, small_blocks(true));
        VectorOptions options;
        options.ids = result.ids_path;
        auto const copy = VectorSource::open(world(), to, options);
        expect_rows(copy, rows, dim);
        EXPECT_EQ(copy.ids().kind(), IdKind::text);
        IdBlock const ids = copy.ids().read(0, rows);
        for (std::int64_t i = 0; i < rows; ++i)
            EXPECT_EQ(ids.to_string(i), "id, \"" + std::to_string(i * i));
    }
}

TEST(Convert, NumberIdsStayNumbers) {
    SharedFolder folder(world());
    on_root(world(), [&] {
        Hdf5Maker maker(folder.file("source.h5"));
        maker.add_floats("v", {3, 1}, {1, 2, 3});
        maker.add_numbers("ids", {3}, {5, -6, std::int64_t{1} << 60});
    });
    auto const source = VectorSource::open(world(), folder.file("source.h5"));
    for (char const* const name : {"a.h5", "a.fvecs", "a.csv"}) {
        Converted const result = convert(world(), source, folder.file(name));
        VectorOptions options;
        options.ids = result.ids_path;
        auto const copy = VectorSource::open(world(), folder.file(name), options);
        EXPECT_EQ(copy.ids().kind(), IdKind::int64) << name;
        EXPECT_EQ(copy.ids().read(0, 3).numbers,
                  (std::vector<std::int64_t>{5, -6, std::int64_t{1} << 60}));
    }
}

TEST(Convert, TheSameBytesForAnyNumberOfRanks) {
    SharedFolder folder(world());
    on_root(world(), [&] { make_source(folder.file("source.h5"), 31, 2, true); });
    auto const source = VectorSource::open(world(), folder.file("source.h5"));
    for (char const* const name : {"a.h5", "a.npy", "a.csv", "a.u8bin"}) {
        convert(world(), source, folder.file(name), small_blocks());
        on_root(world(), [&] {
            auto const alone = VectorSource::open(Communicator::self(), folder.file("source.h5"));
            convert(Communicator::self(), alone, folder.file(std::string("alone_") + name));
        });
        if (std::string(name) == "a.h5") continue;  // HDF5 keeps the time of its making
        EXPECT_EQ(read_text_file(folder.file(name)),
                  read_text_file(folder.file(std::string("alone_") + name)))
            << name;
    }
}

TEST(Convert, Float64AndInt64AreKeptWhereTheFormatCan) {
    SharedFolder folder(world());
    double const exact = 0.1;
    std::int64_t const big = (std::int64_t{1} << 53) + 1;
    on_root(world(), [&] {
        Hdf5Maker maker(folder.file("d.h5"));
        maker.add("v", H5T_IEEE_F64BE, H5T_NATIVE_DOUBLE, {1, 1}, &exact);
        Hdf5Maker(folder.file("i.h5")).add_numbers("v", {1, 1}, {big});
    });
    for (char const* const name : {"d.npy", "d2.h5", "d.idx"}) {
        convert(world(), VectorSource::open(world(), folder.file("d.h5")), folder.file(name));
        double got = 0;
        VectorSource::open(world(), folder.file(name)).read_native(0, 1, &got);
        EXPECT_EQ(got, exact) << name;
    }
    convert(world(), VectorSource::open(world(), folder.file("i.h5")), folder.file("i.npy"));
    std::int64_t got = 0;
    VectorSource::open(world(), folder.file("i.npy")).read_native(0, 1, &got);
    EXPECT_EQ(got, big);
}

TEST(Convert, FailuresLeaveNoFile) {
    SharedFolder folder(world());
    on_root(world(), [&] {
        std::vector<float> values = whole_numbers(40);
        Hdf5Maker good(folder.file("good.h5"));
        good.add_floats("v", {20, 2}, values);
        values[37] = 0.5;
        Hdf5Maker half(folder.file("half.h5"));
        half.add_floats("v", {20, 2}, values);
        values[37] = std::numeric_limits<float>::infinity();
        Hdf5Maker infinite(folder.file("infinite.h5"));
        infinite.add_floats("v", {20, 2}, values);
    });
    auto const message = [&](char const* from, std::string const& to) {
        auto const source = VectorSource::open(world(), folder.file(from));
        return error_message([&] { convert(world(), source, folder.file(to), small_blocks()); });
    };
    auto const has = [](std::string const& text, std::string const& part) {
        EXPECT_NE(text.find(part), std::string::npos) << text;
    };
    has(message("half.h5", "a.u8bin"), "0.5");
    has(message("infinite.h5", "a.npy"), "row 18, column 1: expected a finite float32, got inf");
    has(message("infinite.h5", "a.csv"), "row 18, column 1");
    has(message("good.h5", "a.foo"), folder.file("a.foo") + ": unknown vector format");
    has(message("good.h5", "a.npy:/x"), "a.npy:/x");
    has(message("good.h5", "no/a.npy"), "does not exist");
    has(message("good.h5", "half.h5"), folder.file("half.h5") + " exists: give --overwrite");
    world().barrier();
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 3);
}

}  // namespace
}  // namespace partita::io::convert_test
