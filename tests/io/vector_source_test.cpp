#include "partita/io/vector_source.hpp"

#include "io/hdf5_files.hpp"
#include "io/on_root.hpp"
#include "io/vector_source_files.hpp"
#include "support/shared_folder.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace partita::io::vector_source_test {
namespace {

using format::ElementType;
using test::error_message;
using test::Hdf5Maker;
using test::on_root;
using test::put;
using test::SharedFolder;

TEST(VectorSource, ReadsEveryKindOfFile) {
    SharedFolder folder(world());
    std::int64_t const rows = 53, dim = 5;
    on_root(world(), [&] {
        Hdf5Maker(folder.file("x.h5")).add_floats("v", {53, 5}, values_of(rows, dim));
        put(folder.file("x.fvecs"), fvecs_bytes(rows, dim));
        put(folder.file("x.csv"), csv_text(rows, dim, false));
    });
    for (char const* name : {"x.h5", "x.h5:/v", "x.h5:v", "x.fvecs", "x.csv"}) {
        SCOPED_TRACE(name);
        auto const source = VectorSource::open(world(), folder.file(name));
        expect_values(source, rows, dim);
        EXPECT_EQ(source.type(), ElementType::float32);
        EXPECT_EQ(source.ids().kind(), IdKind::row_numbers);
        EXPECT_EQ(source.ids().read(3, 5).number(1), 4);
        EXPECT_EQ(source.metric_hint(), std::nullopt);
    }
}

TEST(VectorSource, FewerRowsThanRanks) {
    SharedFolder folder(world());
    on_root(world(), [&] { put(folder.file("x.csv"), csv_text(2, 3, true)); });
    auto const source = VectorSource::open(world(), folder.file("x.csv"));
    expect_values(source, 2, 3);
    EXPECT_EQ(source.ids().read(0, 2).to_string(1), "row1");
}

TEST(VectorSource, CsvOfManyLinesIsIndexedByAllRanks) {
    SharedFolder folder(world());
    std::int64_t const rows = 5000;  // several anchors a rank
    on_root(world(), [&] { put(folder.file("x.csv"), csv_text(rows, 2, true)); });
    auto const source = VectorSource::open(world(), folder.file("x.csv"));
    expect_values(source, rows, 2);
    EXPECT_EQ(source.ids().kind(), IdKind::text);
    EXPECT_EQ(source.ids().width(), 7);  // "row4999"
    for (std::int64_t row : {0, 1023, 1024, 2500, 4999})
        EXPECT_EQ(source.ids().read(row, row + 1).text(0), "row" + std::to_string(row));
}

TEST(VectorSource, KnowsTheAnnBenchmarksLayout) {
    SharedFolder folder(world());
    on_root(world(), [&] {
        Hdf5Maker maker(folder.file("x.hdf5"));
        maker.add_floats("train", {7, 2}, values_of(7, 2));
        maker.add_floats("test", {3, 2}, values_of(3, 2));
        maker.add_floats("distances", {3, 2}, values_of(3, 2));
        maker.add_numbers("neighbors", {3, 2}, {0, 1, 2, 3, 4, 5});
        maker.set_text("distance", "angular");
    });
    auto const base = VectorSource::open(world(), folder.file("x.hdf5"));
    EXPECT_EQ(base.spec(), folder.file("x.hdf5") + ":/train");
    EXPECT_EQ(base.metric_hint(), "cosine");
    expect_values(base, 7, 2);
    expect_values(VectorSource::open(world(), folder.file("x.hdf5"), {}, "test"), 3, 2);
    auto const neighbors = VectorSource::open(world(), folder.file("x.hdf5:neighbors"));
    EXPECT_EQ(neighbors.type(), ElementType::int64);
    std::int64_t numbers[2] = {0, 0};
    neighbors.read_native(2, 3, numbers);
    EXPECT_EQ(numbers[1], 5);
}

TEST(VectorSource, AsksWhichDatasetIsMeant) {
    SharedFolder folder(world());
    on_root(world(), [&] {
        Hdf5Maker two(folder.file("two.h5"));
        two.add_floats("a", {1, 1}, {0});
        two.add_floats("b", {2, 1}, {0, 0});
        Hdf5Maker(folder.file("none.h5")).add_floats("line", {3}, {0, 0, 0});
    });
    EXPECT_EQ(message_of(folder.file("two.h5")),
              folder.file("two.h5") + ": name one of its datasets, as in " + folder.file("two.h5") +
                  ":/a; it holds /a (1 x 1 float32), /b (2 x 1 float32)");
    EXPECT_EQ(
        message_of(folder.file("none.h5")),
        folder.file("none.h5") +
            ": expected a two-dimensional dataset of numbers, but it holds /line (3 float32)");
    EXPECT_EQ(message_of(folder.file("two.h5:c")),
              folder.file("two.h5") + ": no dataset 'c' (it holds a, b)");
}

TEST(VectorSource, RefusesNanUnlessAllowed) {
    SharedFolder folder(world());
    float const nan = std::numeric_limits<float>::quiet_NaN();
    on_root(world(), [&] {
        std::vector<float> const values{0, 1, 2, 3, nan, 5};
        Hdf5Maker(folder.file("x.h5")).add_floats("v", {3, 2}, values);
        Hdf5Maker(folder.file("d.h5"))
            .add("v", H5T_IEEE_F64LE, H5T_NATIVE_FLOAT, {3, 2}, values.data());
    });
    for (char const* name : {"x.h5", "d.h5"}) {
        auto const source = VectorSource::open(world(), folder.file(name));
        EXPECT_EQ(source.read(0, 2).row(1)[1], 3);
        EXPECT_EQ(error_message([&] { source.read(1, 3); }),
                  folder.file(name) + ":/v: row 2, column 0: expected a finite float32, got nan");
        std::vector<double> native(2);
        EXPECT_NE(error_message([&] {
                      source.read_native(2, 3, native.data());
                  }).find("row 2, column 0: expected a finite float"),
                  std::string::npos);
        VectorOptions options;
        options.allow_nan = true;
        auto const lenient = VectorSource::open(world(), folder.file(name), options);
        EXPECT_TRUE(std::isnan(lenient.read(2, 3).row(0)[0]));
        lenient.read_native(2, 3, native.data());
    }
}

TEST(VectorSource, BadFilesGiveOneSentenceOnAllRanks) {
    SharedFolder folder(world());
    on_root(world(), [&] {
        put(folder.file("empty.h5"), "");
        put(folder.file("text.h5"), "1,2\n");
        put(folder.file("empty.csv"), "");
        put(folder.file("x.foo"), "whatever");
        put(folder.file("x.npy"), "not NumPy's");
        put(folder.file("ragged.csv"), "a,b\n1,2\n3\n5,6\n");
        Hdf5Maker maker(folder.file("x.h5"));
        maker.add_floats("norows", {0, 3}, {});
        maker.add_floats("nocols", {3, 0}, {});
        maker.add_floats("cube", {1, 1, 1}, {0});
        maker.add_texts("names", {"a"});
    });
    auto const expect = [&](std::string const& name, std::string const& rest) {
        EXPECT_EQ(message_of(folder.file(name)), folder.file(name) + rest);
    };
    expect("none.h5", ": No such file or directory");
    expect("none.csv", ": No such file or directory");
    expect("none.xyz", ": No such file or directory");
    expect("empty.h5", ": the file is empty");
    expect("text.h5", ": not an HDF5 file");
    EXPECT_EQ(message_of(folder.file("x.npy:/v")),
              folder.file("x.npy") + ": not an HDF5 file, so it has no dataset '/v'");
    expect("x.h5:/norows", ": expected at least one row, got 0");
    expect("x.h5:/nocols", ": expected vectors of at least one dimension, got 0");
    expect("x.h5:/cube", ": expected 2 dimensions, got 3");
    expect("x.h5:/names", ": expected numbers, got string");
    for (char const* name : {"empty.csv", "x.foo", "x.npy"})
        EXPECT_EQ(message_of(folder.file(name)).find(folder.file(name) + ": "), 0u) << name;
    EXPECT_NE(message_of(folder.file("x.foo")).find(".fvecs"), std::string::npos);
    std::string const ragged =
        error_message([&] { VectorSource::open(world(), folder.file("ragged.csv")).read(0, 3); });
    EXPECT_EQ(ragged.find(folder.file("ragged.csv") + ": line 3"), 0u) << ragged;
}

}  // namespace
}  // namespace partita::io::vector_source_test
