#include "partita/io/vector_source.hpp"

#include "io/hdf5_files.hpp"
#include "io/on_root.hpp"
#include "support/error_message.hpp"
#include "support/shared_folder.hpp"

#include "partita/core/row_range.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace partita::io {
namespace {

using format::ElementType;
using test::error_message;
using test::Hdf5Maker;
using test::on_root;
using test::put;
using test::SharedFolder;

Communicator world() { return Communicator::world(); }

float value_at(std::int64_t row, std::int64_t column) {
    return static_cast<float>(row) + 0.25f * static_cast<float>(column);
}

std::vector<float> values_of(std::int64_t rows, std::int64_t dim) {
    std::vector<float> values;
    for (std::int64_t i = 0; i < rows; ++i)
        for (std::int64_t j = 0; j < dim; ++j) values.push_back(value_at(i, j));
    return values;
}

std::string fvecs_bytes(std::int64_t rows, std::int32_t dim) {
    std::string bytes;
    for (std::int64_t i = 0; i < rows; ++i) {
        bytes.append(reinterpret_cast<char const*>(&dim), sizeof dim);
        for (std::int64_t j = 0; j < dim; ++j) {
            float const value = value_at(i, j);
            bytes.append(reinterpret_cast<char const*>(&value), sizeof value);
        }
    }
    return bytes;
}

std::string csv_text(std::int64_t rows, std::int64_t dim, bool with_ids) {
    std::string text = with_ids ? "id" : "";
    for (std::int64_t j = 0; j < dim; ++j) text += (text.empty() ? "c" : ",c") + std::to_string(j);
    for (std::int64_t i = 0; i < rows; ++i) {
        text += '\n' + (with_ids ? "row" + std::to_string(i) + "," : std::string());
        for (std::int64_t j = 0; j < dim; ++j)
            text += (j > 0 ? "," : "") + std::to_string(value_at(i, j));
    }
    return text + '\n';
}

/// Reads this rank's share in two parts, and single rows of others' shares.
void expect_values(VectorSource const& source, std::int64_t rows, std::int64_t dim) {
    EXPECT_EQ(source.rows(), rows);
    EXPECT_EQ(source.dim(), dim);
    if (source.rows() != rows || source.dim() != dim) return;
    RowRange const mine = share_of(rows, world().size(), world().rank());
    std::int64_t const middle = mine.first + mine.size() / 3;
    for (auto const& [first, last] : {std::pair{mine.first, middle},
                                      {middle, mine.last},
                                      {rows - 1, rows},
                                      {std::int64_t{0}, std::int64_t{1}}}) {
        Matrix const part = source.read(first, last);
        for (std::int64_t i = first; i < last; ++i)
            for (std::int64_t j = 0; j < dim; ++j)
                EXPECT_EQ(part.row(i - first)[j], value_at(i, j)) << i << " " << j;
    }
}

std::string message_of(std::string const& spec, VectorOptions const& options = {}) {
    return error_message([&] { VectorSource::open(world(), spec, options); });
}

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

TEST(VectorSource, IdsOfTheFilesOwn) {
    SharedFolder folder(world());
    on_root(world(), [&] {
        Hdf5Maker numbers(folder.file("numbers.h5"));
        numbers.add_floats("g/v", {3, 1}, {0, 1, 2});
        numbers.add_numbers("g/ids", {3}, {70, -80, 90});
        Hdf5Maker texts(folder.file("texts.h5"));
        texts.add_floats("v", {3, 1}, {0, 1, 2});
        texts.add_texts("ids", {"a", "longest", "ccc"});
        Hdf5Maker others(folder.file("others.h5"));
        others.add_floats("v", {3, 1}, {0, 1, 2});
        others.add_numbers("ids", {2}, {1, 2});
    });
    auto const numbers = VectorSource::open(world(), folder.file("numbers.h5"));
    EXPECT_EQ(numbers.ids().kind(), IdKind::int64);
    EXPECT_EQ(numbers.ids().read(1, 3).numbers, (std::vector<std::int64_t>{-80, 90}));
    auto const texts = VectorSource::open(world(), folder.file("texts.h5"));
    EXPECT_EQ(texts.ids().kind(), IdKind::text);
    EXPECT_EQ(texts.ids().width(), 7);
    IdBlock const block = texts.ids().read(1, 3);
    EXPECT_EQ(block.texts.size(), 14u);
    EXPECT_EQ(block.text(0), "longest");
    EXPECT_EQ(block.text(1), "ccc");
    auto const others = VectorSource::open(world(), folder.file("others.h5"));
    EXPECT_EQ(others.ids().kind(), IdKind::row_numbers);
    VectorOptions rows;
    rows.ids = "rows";
    EXPECT_EQ(VectorSource::open(world(), folder.file("texts.h5"), rows).ids().kind(),
              IdKind::row_numbers);
}

TEST(VectorSource, IdsOfOtherFiles) {
    SharedFolder folder(world());
    on_root(world(), [&] {
        put(folder.file("x.fvecs"), fvecs_bytes(3, 2));
        put(folder.file("labels.txt"), "x\nyy\nzz z\n");
        put(folder.file("numbers.txt"), "5\n-6\n7\n");
        Hdf5Maker(folder.file("ids.h5")).add_fixed_texts("names", std::string("aa\0bbb", 6), 3);
        Hdf5Maker maker(folder.file("more.h5"));
        maker.add_fixed_texts("names", std::string("a\0\0\0bb\0\0ccc\0", 12), 4);
        maker.add_numbers("ids", {3}, {9, 8, 7});
    });
    auto const with = [&](std::string const& ids) {
        VectorOptions options;
        options.ids = folder.file(ids);
        return VectorSource::open(world(), folder.file("x.fvecs"), options);
    };
    EXPECT_EQ(with("labels.txt").ids().read(2, 3).to_string(0), "zz z");
    EXPECT_EQ(with("labels.txt").ids().width(), 4);
    EXPECT_EQ(with("numbers.txt").ids().kind(), IdKind::int64);
    EXPECT_EQ(with("numbers.txt").ids().read(1, 2).number(0), -6);
    EXPECT_EQ(with("more.h5:/names").ids().read(1, 2).text(0), "bb");
    EXPECT_EQ(with("more.h5:/names").ids().width(), 3);
    EXPECT_EQ(with("more.h5").ids().read(0, 1).number(0), 9);
    EXPECT_EQ(error_message([&] { with("ids.h5:names"); }),
              folder.file("ids.h5:names") + ": expected 3 ids, one for each row of " +
                  folder.file("x.fvecs") + ", got 2");
}

TEST(VectorSource, PaddedIdsOfNumpyAreCutToTheLongest) {
    SharedFolder folder(world());
    on_root(world(), [&] {
        std::string header = "{'descr': '|S6', 'fortran_order': False, 'shape': (3,), }";
        header.append(117 - header.size(), ' ');
        std::string const start("\x93NUMPY\x01\x00\x76\x00", 10);
        put(folder.file("ids.npy"),
            start + header + "\n" + std::string("a\0\0\0\0\0bb\0\0\0\0ccc\0\0\0", 18));
        put(folder.file("x.fvecs"), fvecs_bytes(3, 2));
    });
    VectorOptions options;
    options.ids = folder.file("ids.npy");
    auto const source = VectorSource::open(world(), folder.file("x.fvecs"), options);
    EXPECT_EQ(source.ids().width(), 3);
    IdBlock const ids = source.ids().read(0, 3);
    EXPECT_EQ(std::string(ids.texts.begin(), ids.texts.end()), std::string("a\0\0bb\0ccc", 9));
}

TEST(VectorSource, IdsFromAColumn) {
    SharedFolder folder(world());
    on_root(world(), [&] {
        put(folder.file("x.csv"), "a,key,b\n1,7,2\n3,8,4\n");
        put(folder.file("x.fvecs"), fvecs_bytes(3, 2));
    });
    VectorOptions options;
    options.ids = "column:key";
    auto const source = VectorSource::open(world(), folder.file("x.csv"), options);
    EXPECT_EQ(source.dim(), 2);
    EXPECT_EQ(source.ids().kind(), IdKind::int64);
    EXPECT_EQ(source.ids().read(1, 2).number(0), 8);
    EXPECT_EQ(source.read(1, 2).row(0)[1], 4);
    EXPECT_EQ(message_of(folder.file("x.fvecs"), options),
              folder.file("x.fvecs") +
                  ": 'column:key' asks for a column, but only CSV files have columns");
}

TEST(VectorSource, RefusesTextsThatAreNoIds) {
    SharedFolder folder(world());
    std::string const huge(5000, 'x');
    on_root(world(), [&] {
        auto const file = [&](char const* name, std::vector<char const*> const& ids) {
            Hdf5Maker maker(folder.file(name));
            maker.add_floats("v", {2, 1}, {0, 1});
            maker.add_texts("ids", ids);
        };
        file("line.h5", {"a", "b\nc"});
        file("huge.h5", {"a", huge.c_str()});
        Hdf5Maker zero(folder.file("zero.h5"));
        zero.add_floats("v", {2, 1}, {0, 1});
        zero.add_fixed_texts("ids", std::string("a\0ba\0\0", 6), 3);
        Hdf5Maker floats(folder.file("floats.h5"));
        floats.add_floats("v", {2, 1}, {0, 1});
        floats.add_floats("ids", {2}, {0, 1});
    });
    auto const begins = [&](char const* name, std::string const& text) {
        std::string const message = message_of(folder.file(name));
        EXPECT_EQ(message.substr(0, text.size() + folder.file(name).size()),
                  folder.file(name) + text);
    };
    begins("line.h5", ":/ids: id of row 1: expected text, got a line end in it");
    begins("huge.h5", ":/ids: id of row 1: expected at most 4096 bytes, got 5000");
    begins("zero.h5", ":/ids: id of row 0: expected text, got a zero byte in it");
    begins("floats.h5", ":/ids: expected ids to be integers or strings, got float32");
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
}  // namespace partita::io
