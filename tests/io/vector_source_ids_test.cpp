#include "io/hdf5_files.hpp"
#include "io/on_root.hpp"
#include "io/vector_source_files.hpp"
#include "support/shared_folder.hpp"

#include "partita/io/vector_source.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace partita::io::vector_source_ids_test {
namespace {

using format::ElementType;
using test::error_message;
using test::Hdf5Maker;
using test::on_root;
using test::put;
using test::SharedFolder;

TEST(VectorSourceIds, IdsOfTheFilesOwn) {
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

TEST(VectorSourceIds, IdsOfOtherFiles) {
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

TEST(VectorSourceIds, PaddedIdsOfNumpyAreCutToTheLongest) {
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

TEST(VectorSourceIds, IdsFromAColumn) {
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

TEST(VectorSourceIds, RefusesTextsThatAreNoIds) {
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

}  // namespace
}  // namespace partita::io::vector_source_ids_test
