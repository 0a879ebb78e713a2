#include "partita/dataset/read_csv_rows.hpp"

#include "dataset/contexts.hpp"
#include "support/error_message.hpp"
#include "support/shared_folder.hpp"

#include "partita/dataset/read_binary.hpp"
#include "partita/dataset/read_hdf5.hpp"
#include "partita/dataset/sources.hpp"

#include <fstream>
#include <optional>
#include <string>

#include <gmock/gmock.h>

using namespace partita;
using namespace partita::test;
using dataset::read_csv_rows;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Row = std::vector<std::string>;

namespace {

struct ReadCsvRows : testing::Test {
    dataset::Context context = roomy();
    SharedFolder folder{Communicator::world()};

    std::string write(std::string const& name, std::string const& text) {
        if (Communicator::world().is_root())
            std::ofstream(folder.file(name), std::ios::binary) << text;
        Communicator::world().barrier();
        return folder.file(name);
    }
    std::string message(std::string const& path, dataset::ReadCsvOptions const& options = {}) {
        return error_message([&] { read_csv_rows(context, path, options).count(); });
    }
};

TEST_F(ReadCsvRows, GivesFieldsOfTheColumnsWanted) {
    std::string const path =
        write("t.csv",
              "\xef\xbb\xbfname,age,\"home, now\"\r\nAnn,30,\"a \"\"b\"\"\"\r\n"
              "\r\nBob,,c");
    EXPECT_THAT(read_csv_rows(context, path).collect(),
                ElementsAre(Row{"Ann", "30", "a \"b\""}, Row{"Bob", "", "c"}));
    EXPECT_THAT(read_csv_rows(context, path, {.columns = {"home, now", "name"}}).collect(),
                ElementsAre(Row{"a \"b\"", "Ann"}, Row{"c", "Bob"}));
    using Typed = std::pair<std::string, std::optional<std::int64_t>>;
    EXPECT_THAT((read_csv_rows<Typed>(context, path, {.columns = {"name", "age"}}).collect()),
                ElementsAre(Typed{"Ann", 30}, Typed{"Bob", std::nullopt}));
    EXPECT_THAT(read_csv_rows<std::string_view>(context, path, {.columns = {"name"}}).collect(),
                ElementsAre("Ann", "Bob"));
}

TEST_F(ReadCsvRows, ReadsSeveralFilesWithoutHeaders) {
    write("a.tsv", "1\tx\n2\ty\n");
    write("b.tsv", "");
    write("c.tsv", "3\tz");
    dataset::ReadCsvOptions options;
    options.header = false;
    options.columns = {"2", "1"};
    EXPECT_THAT(read_csv_rows(context, folder.file("*.tsv"), options).collect(),
                ElementsAre(Row{"x", "1"}, Row{"y", "2"}, Row{"z", "3"}));
    options.partitions = 50;
    EXPECT_EQ(read_csv_rows(context, folder.file("*.tsv"), options).count(), 3);
}

TEST_F(ReadCsvRows, SkipsTheHeaderOfEachFile) {
    write("a.csv", "k,v\n1,2\n");
    write("b.csv", "k,v\n3,4\n");
    EXPECT_THAT(read_csv_rows(context, folder.file("*.csv")).collect(),
                ElementsAre(Row{"1", "2"}, Row{"3", "4"}));
    write("c.csv", "v,k\n3,4\n");
    EXPECT_THAT(message(folder.file("*.csv")), HasSubstr("c.csv: expected the columns that "));
}

TEST_F(ReadCsvRows, NamesTheLineOfWhatIsWrong) {
    std::string text = "k,v\n";
    for (int i = 0; i < 1000; ++i) text += "1,2\n";
    EXPECT_THAT(message(write("few.csv", text + "1\n" + text)),
                HasSubstr("few.csv: line 1002: expected 2 columns, got 1"));
    EXPECT_THAT(message(write("many.csv", "k,v\n1,2,3\n")),
                HasSubstr("many.csv: line 2: expected 2 columns, got 3"));
    EXPECT_THAT(message(write("open.csv", "k,v\n1,\"2\n")),
                HasSubstr("open.csv: line 2: a quoted text does not end on its line"));
    using Typed = std::pair<double, std::int64_t>;
    auto const number_message = [&](std::string const& row) {
        std::string const path = write("number.csv", "k,v\n1,2\n" + row + "\n");
        return error_message([&] { read_csv_rows<Typed>(context, path).count(); });
    };
    EXPECT_THAT(number_message("1,2.5"),
                HasSubstr("number.csv: line 3, column 'v': expected a whole number, got \"2.5\""));
    EXPECT_THAT(number_message("x,2"), HasSubstr("column 'k': expected a number, got \"x\""));
    EXPECT_THAT(number_message("1,"),
                HasSubstr("column 'v': expected a whole number, got nothing"));
    EXPECT_THAT(number_message("1,9223372036854775808"), HasSubstr("which is out of range"));
}

TEST_F(ReadCsvRows, RefusesColumnsThatAreNotThere) {
    std::string const path = write("t.csv", "name,age\n");
    EXPECT_EQ(message(path, {.columns = {"nam"}}),
              path + ": no column is named 'nam' (did you mean 'name'?)");
    EXPECT_EQ(message(path, {.columns = {"3"}, .header = false}),
              path +
                  ": expected the number of a column from 1 to 2 (the file has no header), got "
                  "'3'");
    EXPECT_EQ(message(write("empty.csv", "")),
              folder.file("empty.csv") + ": expected at least one line");
    EXPECT_THAT(read_csv_rows(context, path).collect(), IsEmpty());
}

}  // namespace
