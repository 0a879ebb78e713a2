#include "partita/frame/hdf5.hpp"

#include "frame/tables.hpp"
#include "support/error_message.hpp"
#include "support/shared_folder.hpp"

#include "partita/core/file.hpp"
#include "partita/io/hdf5_writer.hpp"

#include <gtest/gtest.h>

namespace partita::frame::hdf5_test {
namespace {

using test::error_message;
using test::file_text;
using test::SharedFolder;
using test::tiny_parts;
using test::write_file;

Communicator world() { return Communicator::world(); }

std::string rows_text(std::int64_t rows) {
    std::string text = "i,x,s,b,t,n\n";
    for (std::int64_t i = 0; i < rows; ++i)
        text += std::to_string(i * i - 7) + "," + std::to_string(i) + ".25," +
                (i % 5 == 0 ? "\"\"" : "s" + std::to_string(i)) + "," +
                (i % 2 == 0 ? "true" : "false") +
                ",2014-07-01 00:00:" + std::to_string(10 + i % 50) + "," +
                (i % 3 == 0 ? "" : std::to_string(i)) + "\n";
    return text;
}

TEST(Hdf5Table, WhatIsWrittenReadsAsItWas) {
    SharedFolder folder(world());
    for (std::int64_t const rows : {0, 1, 200}) {
        write_file(folder.file("x.csv"), rows_text(rows));
        for (auto const& context : {test::roomy(), test::tight()}) {
            CsvOptions options = tiny_parts(300, 70);
            options.schema = "i:int64, x:float64, s:string, b:bool, t:timestamp, n:int64";
            Table const table = read_csv(context, folder.file("x.csv"), options);
            EXPECT_EQ(write_hdf5(table, folder.file("x.h5:/deep/rows"), true), rows);
            Table const again = read_hdf5(context, folder.file("x.h5"));
            EXPECT_EQ(again.schema(), table.schema());
            CsvWriteOptions overwrite;
            overwrite.overwrite = true;
            write_csv(again, folder.file("y.csv"), overwrite);
            EXPECT_EQ(file_text(folder.file("y.csv")), file_text(folder.file("x.csv")));
            world().barrier();
        }
    }
}

TEST(Hdf5Table, ColumnsThatAreDatasets) {
    SharedFolder folder(world());
    {
        io::Hdf5Writer file(world(), folder.file("x.h5"),
                            {{"g/a", {io::Hdf5Type::int32, 0}, 3, 0},
                             {"g/b", {io::Hdf5Type::float32, 0}, 3, 0},
                             {"g/c", {io::Hdf5Type::text, 2}, 3, 0}},
                            false);
        std::int32_t const a[] = {1, -2, 3};
        float const b[] = {0.5f, 1.5f, 2.5f};
        if (world().is_root()) {
            file.write_rows("g/a", 0, 3, a);
            file.write_rows("g/b", 0, 3, b);
            file.write_rows("g/c", 0, 3, "x\0yyz\0");
        }
        file.commit();
    }
    Block const block = read_hdf5(test::roomy(), folder.file("x.h5:/g")).collect();
    ASSERT_EQ(block.schema().to_text(), "a:int64, b:float32, c:string");
    EXPECT_EQ(block.column("a").values<std::int64_t>()[1], -2);
    EXPECT_EQ(block.column("b").values<float>()[2], 2.5f);
    EXPECT_EQ(block.column("c").text(1), "yy");
    EXPECT_NE(error_message([&] {
                  read_hdf5(test::roomy(), folder.file("x.h5:/h"));
              }).find("expected a table, or columns of one or two dimensions in '/h/', got none"),
              std::string::npos);
}

TEST(Hdf5Table, NullsBesideLargeIntegersAreRefused) {
    SharedFolder folder(world());
    write_file(folder.file("x.csv"), "a,b\n9007199254740993,1\n,2\n");
    Table const table = read_csv(test::roomy(), folder.file("x.csv"));
    EXPECT_NE(error_message([&] {
                  write_hdf5(table, folder.file("x.h5"));
              }).find("column 'a' has nulls beside integers"),
              std::string::npos);
    EXPECT_FALSE(file_exists(folder.file("x.h5")));
}

}  // namespace
}  // namespace partita::frame::hdf5_test
