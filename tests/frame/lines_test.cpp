// JSON lines, LIBSVM files, and columns of vectors in all formats.

#include "frame/tables.hpp"
#include "support/error_message.hpp"
#include "support/shared_folder.hpp"

#include "partita/frame/aggregate.hpp"
#include "partita/frame/hdf5.hpp"
#include "partita/frame/json_lines.hpp"
#include "partita/frame/libsvm.hpp"
#include "partita/frame/wide.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

namespace partita::frame::lines_test {
namespace {

using test::error_message;
using test::file_text;
using test::SharedFolder;
using test::write_file;

Communicator world() { return Communicator::world(); }

JsonLinesOptions small_parts() {
    JsonLinesOptions options;
    options.partition_bytes = 50;
    return options;
}

std::string json_of(Table const& table, SharedFolder const& folder) {
    write_json_lines(table, folder.file("out.jsonl"), true);
    std::string text = file_text(folder.file("out.jsonl"));
    world().barrier();
    return text;
}

constexpr char const* every_type =
    R"({"i":1,"x":0.5,"b":true,"s":"a \"b\" \\ \n \u0001 é","t":"2014-07-01 00:30:00","v":[1.0,-2.5]})"
    "\n"
    R"({"i":-9223372036854775808,"x":1e+300,"b":false,"s":"","t":"1969-12-31 23:59:59.500","v":[0.1,3e+20]})"
    "\n"
    R"({"i":null,"x":2.0,"b":null,"s":null,"t":null,"v":null})"
    "\n";

TEST(JsonLines, WhatIsReadIsWrittenAgain) {
    SharedFolder folder(world());
    write_file(folder.file("x.jsonl"), every_type);
    for (auto const& context : {test::roomy(), test::threaded(), test::tight()}) {
        Table const table = read_json_lines(context, folder.file("x.jsonl"), small_parts());
        EXPECT_EQ(table.schema().to_text(),
                  "i:int64, x:float64, b:bool, s:string, t:timestamp, v:vector(2)");
        EXPECT_EQ(json_of(table, folder), every_type);
        EXPECT_EQ(json_of(table.select({"v", "i"}).limit(1), folder),
                  "{\"v\":[1.0,-2.5],\"i\":1}\n");
    }
}

TEST(JsonLines, KeysMayBeMissingAndValuesOfSeveralKinds) {
    SharedFolder folder(world());
    write_file(folder.file("x.jsonl"),
               "\xef\xbb\xbf{\"a\":1}\r\n\n  \n{\"b\":{\"c\": [1, {}]},\"a\":2.5}\n{\"d\":[1,2]}\n"
               "{\"d\":[1],\"b\":7}");
    Table const table = read_json_lines(test::roomy(), folder.file("x.jsonl"), small_parts());
    EXPECT_EQ(table.schema().to_text(), "a:float64, b:string, d:string");
    EXPECT_EQ(json_of(table, folder),
              "{\"a\":1.0,\"b\":null,\"d\":null}\n"
              "{\"a\":2.5,\"b\":\"{\\\"c\\\":[1,{}]}\",\"d\":null}\n"
              "{\"a\":null,\"b\":null,\"d\":\"[1,2]\"}\n"
              "{\"a\":null,\"b\":\"7\",\"d\":\"[1]\"}\n");
}

TEST(JsonLines, CompressedFilesAreReadAsTheyAre) {
    SharedFolder folder(world());
    if (world().is_root()) {
        gzFile const file = gzopen(folder.file("x.jsonl.gz").c_str(), "wb");
        gzputs(file, every_type);
        gzclose(file);
    }
    world().barrier();
    EXPECT_EQ(
        json_of(read_json_lines(test::roomy(), folder.file("x.jsonl.gz"), small_parts()), folder),
        every_type);
}

TEST(JsonLines, SaysWhatIsWrong) {
    SharedFolder folder(world());
    auto const message = [&](std::string const& text, std::string const& schema = "") {
        write_file(folder.file("x.jsonl"), text);
        JsonLinesOptions options = small_parts();
        options.schema = schema;
        options.sample_bytes = 1;
        return error_message(
            [&] { read_json_lines(test::roomy(), folder.file("x.jsonl"), options).collect(); });
    };
    auto const says = [&](std::string const& found, std::string const& wanted) {
        EXPECT_NE(found.find(wanted), std::string::npos) << found;
    };
    says(message("{\"a\":1}\n{\"a\":\"x\"}\n"),
         "x.jsonl: line 2, key 'a': expected int64, got \"x\"");
    says(message("{\"a\":1}\n\n{\"a\":1,\"b\":2}\n"), "x.jsonl: line 3, key 'b': it is not in the");
    says(message("{\"a\":1}\n[2]\n"), "x.jsonl: line 2: expected a JSON object, got [2]");
    says(message("{\"a\":1}\n{\"a\":1"), "x.jsonl: line 2: expected a JSON object, got {\"a\":1: ");
    says(message("{\"a\":1,\"a\":2}\n"), "x.jsonl: line 1: the key 'a' comes twice");
    says(message("{\"a\":[1,2]}\n{\"a\":[1]}\n"),
         "x.jsonl: line 2, key 'a': expected vector(2), got [1]");
    says(message("{\"a\":300000000000000000000}\n", "a:int64"), "x.jsonl: line 1");
    says(message("\n"), "expected JSON objects with keys, got none");
    EXPECT_EQ(message("{\"a\":1}\n{\"b\":2}\n", "b:int64"), "(no error)");
}

constexpr char const* svm = "+1 1:0.5 3:-2 # first\n-1 2:1e3\n# only a comment\n\n0 \n";

TEST(Libsvm, RowsAreDenseVectors) {
    SharedFolder folder(world());
    write_file(folder.file("x.svm"), svm);
    LibsvmOptions options;
    options.partition_bytes = 8;
    Table const table = read_libsvm(test::tight(), folder.file("x.svm"), options);
    EXPECT_EQ(table.schema().to_text(), "label:float64, features:vector(3)");
    EXPECT_EQ(json_of(table, folder),
              "{\"label\":1.0,\"features\":[0.5,0.0,-2.0]}\n"
              "{\"label\":-1.0,\"features\":[0.0,1000.0,0.0]}\n"
              "{\"label\":0.0,\"features\":[0.0,0.0,0.0]}\n");
    options.features = 2;
    EXPECT_NE(error_message([&] {
                  read_libsvm(test::roomy(), folder.file("x.svm"), options).collect();
              }).find("x.svm: line 1: expected an index of at most 2, got 3"),
              std::string::npos);
    write_file(folder.file("y.svm"), "1 1:2\n1 x:3\n");
    EXPECT_NE(error_message([&] {
                  read_libsvm(test::roomy(), folder.file("y.svm"));
              }).find("y.svm: line 2: expected"),
              std::string::npos);
}

/// A table of vectors, some of them null, in partitions of a few rows.
Table vectors(dataset::Context const& context, SharedFolder const& folder) {
    std::string text;
    for (int row = 0; row < 400; ++row)
        text += fmt::format("{{\"k\":{},\"v\":{}}}\n", row * 7 % 5,
                            row % 11 == 3 ? "null" : fmt::format("[{}.0,0.5,-{}.25]", row, row));
    write_file(folder.file("v.jsonl"), text);
    JsonLinesOptions options = small_parts();
    options.partition_bytes = 700;
    return read_json_lines(context, folder.file("v.jsonl"), options);
}

TEST(Vectors, TravelThroughOperationsAndFormats) {
    SharedFolder folder(world());
    for (auto const& context : {test::roomy(), test::threaded(), test::tight()}) {
        Table const table = vectors(context, folder);
        std::string const text = json_of(table, folder);
        Table const sorted =
            sort(sort(table.with_row_index("n"), parse_sort_keys("k")), parse_sort_keys("n"));
        EXPECT_EQ(json_of(sorted.drop({"n"}), folder), text);
        JoinOptions shuffled;
        shuffled.broadcast_bytes = 0;
        Table const numbered = table.with_row_index("n");
        Table const joined = sort(join(numbered.select({"n"}), numbered, {"n"}, {"n"}, shuffled),
                                  parse_sort_keys("n"));
        EXPECT_EQ(json_of(joined.select({"k", "v"}), folder), text);
        CsvWriteOptions overwrite;
        overwrite.overwrite = true;
        write_csv(table, folder.file("v.csv"), overwrite);
        CsvOptions csv = test::tiny_parts(900, 200);
        csv.schema = "v:vector(3)";
        EXPECT_EQ(json_of(read_csv(context, folder.file("v.csv"), csv), folder), text);
        write_hdf5(table.filter("v is not null"), folder.file("v.h5"), true);
        Table const from_hdf5 = read_hdf5(context, folder.file("v.h5"));
        EXPECT_EQ(from_hdf5.schema(), table.schema());
        EXPECT_EQ(json_of(from_hdf5, folder), json_of(table.filter("v is not null"), folder));
    }
}

TEST(Vectors, CannotBeKeysOrNumbers) {
    SharedFolder folder(world());
    Table const table = vectors(test::roomy(), folder);
    auto const says = [&](auto work, std::string const& wanted) {
        std::string const found = error_message(work);
        EXPECT_NE(found.find(wanted), std::string::npos) << found;
    };
    says([&] { group_by(table, {"v"}).agg("count()"); },
         "group_by: cannot compare 'v', which is vector(3)");
    says([&] { sort(table, parse_sort_keys("v")); }, "sort: cannot compare 'v'");
    says([&] { group_by(table, {"k"}).agg("min(v)"); }, "min: cannot compare 'v'");
    says([&] { table.filter("v = v"); }, "got a vector");
    says([&] { table.cast("k", Type::vector).collect(); }, "vector");
    says([&] { Schema::parse("v:vector"); }, "expected a width for vectors only");
    says([&] { Schema::parse("v:vector(0)"); }, "expected a number of at least 1 in 'vector(0)'");
    write_file(folder.file("v.csv"), "v\n1 2\n1 2 3\n");
    CsvOptions csv;
    csv.schema = "v:vector(2)";
    says([&] { read_csv(test::roomy(), folder.file("v.csv"), csv).collect(); },
         "v.csv: line 3, column 'v': expected vector(2), got \"1 2 3\"");
}

}  // namespace
}  // namespace partita::frame::lines_test
