#include "partita/frame/csv.hpp"

#include "frame/tables.hpp"
#include "support/error_message.hpp"
#include "support/shared_folder.hpp"

#include "partita/core/file.hpp"
#include "partita/core/random.hpp"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <zlib.h>

namespace partita::frame::csv_test {
namespace {

using test::error_message;
using test::file_text;
using test::SharedFolder;
using test::tiny_parts;
using test::write_file;

Communicator world() { return Communicator::world(); }

void write_gzip(std::string const& path, char const* text) {
    if (world().is_root()) {
        gzFile const out = gzopen(path.c_str(), "wb");
        gzputs(out, text);
        gzclose(out);
    }
    world().barrier();
}

/// The slow, obvious reader: one character at a time, rows of fields; nullopt = null.
using OracleRows = std::vector<std::vector<std::optional<std::string>>>;
OracleRows oracle(std::string const& text) {
    OracleRows rows;
    std::vector<std::optional<std::string>> row;
    std::string field;
    bool inside = false, was_quoted = false;
    auto const end_field = [&] {
        row.push_back(field.empty() && !was_quoted ? std::nullopt : std::optional(field));
        field.clear();
        was_quoted = false;
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        char const c = text[i];
        if (inside && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
            field += text[++i];
        } else if (c == '"') {
            inside = !inside;
            was_quoted = true;
        } else if (inside || (c != ',' && c != '\n' && c != '\r')) {
            field += c;
        } else if (c != '\r') {
            end_field();
            if (c == '\n') rows.push_back(std::exchange(row, {}));
        }
    }
    return rows;
}

std::string random_text(RandomStream& random) {
    constexpr std::string_view letters = "ab,\n\"\r x";
    std::string text;
    for (auto n = random.below(12); n > 0; --n) text += letters[random.below(letters.size())];
    return text;
}

/// A file of texts full of separators, quotes and line ends, as RFC 4180 has them.
std::string tricky_file(std::int64_t rows, bool crlf) {
    std::string all = crlf ? "\xef\xbb\xbf"
                             "a,b,c\r\n"
                           : "a,b,c\n";
    RandomStream random(11);
    for (std::int64_t row = 0; row < rows; ++row) {
        for (int c = 0; c < 3; ++c) {
            if (c > 0) all += ',';
            if (random.below(4) == 0) continue;
            std::string const text = random_text(random);
            bool const plain = text.find_first_of(",\n\"\r") == std::string::npos;
            if (plain && !text.empty() && random.below(2) == 0) {
                all += text;
                continue;
            }
            all += '"';
            for (char const ch : text) all += ch == '"' ? "\"\"" : std::string(1, ch);
            all += '"';
        }
        all += crlf ? "\r\n" : "\n";
    }
    return all;
}

void expect_rows(Block const& block, OracleRows const& expected) {
    ASSERT_EQ(block.rows(), static_cast<std::int64_t>(expected.size()));
    for (std::int64_t row = 0; row < block.rows(); ++row)
        for (std::int64_t c = 0; c < block.schema().size(); ++c) {
            auto const& field =
                expected[static_cast<std::size_t>(row)][static_cast<std::size_t>(c)];
            EXPECT_EQ(block.column(c).is_null(row), !field) << "row " << row << " column " << c;
            EXPECT_EQ(block.column(c).text(row), field.value_or("")) << "row " << row;
        }
}

TEST(ReadCsv, QuotesLineEndsAndSeparatorsAcrossAllBorders) {
    SharedFolder folder(world());
    auto const context = test::roomy();
    for (bool const crlf : {false, true}) {
        std::string const text = tricky_file(100, crlf), path = folder.file("x.csv");
        write_file(path, text);
        OracleRows expected = oracle(text);
        expected.erase(expected.begin());
        for (std::int64_t const partition : {1, 7, 64, 5000})
            for (std::int64_t const block : {1, 13, 4096}) {
                CsvOptions options = tiny_parts(partition, block);
                options.schema = "a:string, b:string, c:string";
                Table const table = read_csv(context, path, options);
                expect_rows(table.collect(), expected);
                EXPECT_EQ(table.rows(), static_cast<std::int64_t>(expected.size()));
            }
        world().barrier();
    }
}

TEST(ReadCsv, NumbersAreTheNearestOnes) {
    SharedFolder folder(world());
    std::string text = "i,x\n";
    std::vector<std::int64_t> integers;
    std::vector<double> numbers;
    RandomStream random(3);
    for (int i = 0; i < 2000; ++i) {
        integers.push_back(static_cast<std::int64_t>(random()) >> random.below(64));
        double const scale = std::pow(10.0, static_cast<double>(random.below(40)) - 20);
        numbers.push_back((random.uniform() - 0.5) * scale);
        char digits[64];
        int const precision = static_cast<int>(random.below(17)) + 1;
        std::snprintf(digits, sizeof digits, "%ld,%.*g\n", integers.back(), precision,
                      numbers.back());
        numbers.back() = std::strtod(std::strchr(digits, ',') + 1, nullptr);
        text += digits;
    }
    // More digits than 64 bits hold, and what is too small for a double.
    for (std::string const number :
         {"18446744073709551617", "-0.0000000000000000000018446744073709551617", "+1.5",
          "9007199254740993", "90071992547409.93", "-1e-400"}) {
        integers.push_back(0);
        numbers.push_back(std::strtod(number.c_str(), nullptr));
        text += "0," + number + "\n";
    }
    write_file(folder.file("x.csv"), text);
    Block const block =
        read_csv(test::threaded(), folder.file("x.csv"), tiny_parts(512, 256)).collect();
    ASSERT_EQ(block.schema().to_text(), "i:int64, x:float64");
    ASSERT_EQ(block.rows(), 2006);
    for (std::int64_t row = 0; row < block.rows(); ++row) {
        EXPECT_EQ(block.column("i").values<std::int64_t>()[row],
                  integers[static_cast<std::size_t>(row)]);
        double const x = block.column("x").values<double>()[row];
        EXPECT_EQ(x, numbers[static_cast<std::size_t>(row)]);
        EXPECT_EQ(std::signbit(x), std::signbit(numbers[static_cast<std::size_t>(row)]));
    }
}

TEST(ReadCsv, InfersTypesOverTheWholeFile) {
    SharedFolder folder(world());
    auto const context = test::roomy();
    auto const types = [&](std::string const& text) {
        write_file(folder.file("x.csv"), text);
        std::string const found =
            read_csv(context, folder.file("x.csv"), tiny_parts(8, 8)).schema().to_text();
        world().barrier();
        return found;
    };
    EXPECT_EQ(
        types(
            "a,b,c,d,e,f\n1,1.5,true,x,2014-07-01 00:30:00,\n-7,2,FALSE,1,2014-07-01T01:00:00Z,\n"),
        "a:int64, b:float64, c:bool, d:string, e:timestamp, f:string");
    EXPECT_EQ(types("a,b\n1,1\n2,99999999999999999999\n3,\"\"\n"), "a:int64, b:string");
    EXPECT_EQ(types("a\n1\n2\n3\n4\n5\n6\n7\n8\n9.5\n"), "a:float64");
    EXPECT_EQ(types("a;b\n1;2,5\n"), "a:int64, b:string");
    EXPECT_EQ(types("Mary,F,7065\nAnna,F,2604\n"), "c1:string, c2:string, c3:int64");
    EXPECT_EQ(types(" 1  2.5\n 20 3   \n"), "c1:int64, c2:float64");
    EXPECT_EQ(types("a\tb\n"), "a:string, b:string");
}

TEST(ReadCsv, EmptyFieldsAndLines) {
    SharedFolder folder(world());
    auto const context = test::roomy();
    write_file(folder.file("x.csv"), "a,b\r\n\r\n1,\r\n,x\r\n\r\n3,\"\"\r\n\r\n");
    for (std::int64_t const part : {1, 6, 100}) {
        Table const table = read_csv(context, folder.file("x.csv"), tiny_parts(part, part));
        Block const block = table.collect();
        ASSERT_EQ(block.rows(), 3);
        EXPECT_EQ(table.rows(), 3);
        EXPECT_TRUE(block.column("a").is_null(1));
        EXPECT_TRUE(block.column("b").is_null(0));
        EXPECT_FALSE(block.column("b").is_null(2));
    }
    // The last line has no end, and ends with a separator.
    write_file(folder.file("w.csv"), "a,b\n1,2\n3,");
    for (std::int64_t const part : {1, 6, 100}) {
        Table const table = read_csv(context, folder.file("w.csv"), tiny_parts(part, part));
        Block const block = table.collect();
        ASSERT_EQ(block.rows(), 2);
        EXPECT_EQ(table.rows(), 2);
        EXPECT_TRUE(block.column("b").is_null(1));
    }
    write_file(folder.file("v.csv"), "a,b\n");
    EXPECT_EQ(read_csv(context, folder.file("v.csv")).rows(), 0);
    write_file(folder.file("y.csv"), "a\n1\n\n3\n");
    EXPECT_EQ(read_csv(context, folder.file("y.csv")).collect().column("a").null_count(), 1);
    CsvOptions options;
    options.nulls = {"NA"};
    write_file(folder.file("z.csv"), "a,b\n1,NA\nNA,2\n");
    Block const block = read_csv(context, folder.file("z.csv"), options).collect();
    EXPECT_EQ(block.schema().to_text(), "a:int64, b:int64");
    EXPECT_TRUE(block.column("a").is_null(1));
}

TEST(ReadCsv, QuotesAmongBlanksMayBeCharacters) {
    SharedFolder folder(world());
    write_file(folder.file("x.txt"), "size  name\n5\"   pipe\n12   nut\n");
    CsvOptions options;
    options.ignore_quotes = true;
    for (char const separator : {'\0', ' '}) {
        options.separator = separator;
        EXPECT_EQ(to_csv(read_csv(test::roomy(), folder.file("x.txt"), options)),
                  world().is_root() ? "size,name\n\"5\"\"\",pipe\n12,nut\n" : "");
    }
}

TEST(ReadCsv, NumbersMayStandForNull) {
    SharedFolder folder(world());
    CsvOptions options;
    options.nulls = {"-999", "true", "2020-01-01 00:00:00"};
    write_file(folder.file("x.csv"),
               "i,x,b,t,s\n-999,-999,true,2020-01-01 00:00:00,-999\n"
               "-9990,-999.5,false,2020-01-01 00:00:01,-99\n");
    for (char const* const schema : {"", "i:float32, x:float32"}) {
        options.schema = schema;
        Block const block = read_csv(test::roomy(), folder.file("x.csv"), options).collect();
        for (Column const& column : block.columns()) {
            EXPECT_TRUE(column.is_null(0));
            EXPECT_FALSE(column.is_null(1));
        }
    }
}

TEST(ReadCsv, SeveralFilesAndCompressedOnes) {
    SharedFolder folder(world());
    auto const context = test::roomy();
    write_file(folder.file("1.csv"), "a,b\n1,x\n2,y\n");
    write_file(folder.file("2.csv"), "a,b\n3,z\n");
    write_gzip(folder.file("3.csv"), "a,b\n4,\"q\nr\"\n");
    for (std::int64_t const part : {1, 100}) {
        Block const block =
            read_csv(context, folder.file("*.csv"), tiny_parts(part, part)).collect();
        ASSERT_EQ(block.rows(), 4);
        for (std::int64_t row = 0; row < 4; ++row)
            EXPECT_EQ(block.column("a").values<std::int64_t>()[row], row + 1);
        EXPECT_EQ(block.column("b").text(3), "q\nr");
    }
}

TEST(ReadCsv, SaysWhereAFileIsBad) {
    SharedFolder folder(world());
    auto const context = test::roomy();
    std::string const path = folder.file("x.csv");
    auto const message = [&](std::string const& text, CsvOptions options = tiny_parts(16, 16)) {
        write_file(path, text);
        std::string const found =
            error_message([&] { read_csv(context, path, options).collect(); });
        world().barrier();
        return found;
    };
    auto const expect_within = [](std::string const& text, std::string const& wanted) {
        EXPECT_NE(text.find(wanted), std::string::npos) << text;
    };
    std::string numbers = "id,age\n";
    for (int i = 0; i < 1000; ++i) numbers += std::to_string(i) + ",1\n";
    CsvOptions sampled = tiny_parts(16, 16);
    sampled.sample_bytes = 16;
    expect_within(message(numbers + "\n1000,abc\n", sampled),
                  path + ": line 1003, column 'age': expected int64, got \"abc\"");
    expect_within(message(numbers + "1,2,3\n" + numbers.substr(7)),
                  path + ": line 1002: expected 2 fields, got 3");
    expect_within(message("a,b\n1,\"x\n2,y\n"),
                  path + ": line 2, column 'b': expected a closing quote for the one before \"x\"");
    // Quotes behind the open one make pairs with it, up to the last.
    expect_within(message("a,b\n\"1\",\"x\n2,\"y\"\n3,\"z\"\n"),
                  path + ": line 2, column 'b': expected a closing quote for the one before \"x\"");
    expect_within(message("a,b\r\n1,\"x\"\r\n2,\"y\r\n"),
                  path + ": line 3, column 'b': expected a closing quote for the one before \"y\"");
    expect_within(message("a,b\n\"1\n\"\"2\",x\n3\",y\n"),
                  path + ": line 4, column 'a': expected a closing quote");
    write_gzip(path + ".gz", "a,b\n1,\"2\"\n1,\"x\n2,y\n");
    expect_within(error_message([&] { read_csv(context, path + ".gz").collect(); }),
                  path + ".gz: line 3, column 'b': expected a closing quote");
    world().barrier();
    // Quotes within fields make one row of two lines.
    for (auto const& options : {tiny_parts(16, 16), CsvOptions()})
        expect_within(message("a,b\n1,\"x\ny\"\n1,5\" pipe\n2,6\" pipe\n", options),
                      path +
                          ": line 4, column 'b': expected a field with line ends to begin with a "
                          "quote, got \"5\" pipe\\n2,6\" pipe\"");
    expect_within(message("a,b\n1,5\" pipe\n2,7\n3,6\" pipe\n"), path + ": line 2");
    expect_within(message("a,a\n1,2\n"), "two columns have the name 'a'");
    CsvOptions fixed;
    fixed.schema = "a:int64";
    expect_within(message("a\n9223372036854775808\n", fixed),
                  path + ": line 2, column 'a': expected int64, got \"9223372036854775808\"");
    expect_within(message("a\n\"1\r\n2\"\n", fixed), "expected int64, got \"\"1\\r\\n2\"\"");
    fixed.schema = "a:float64";
    expect_within(message("a\n1e999\n", fixed),
                  "line 2, column 'a': expected float64, got \"1e999\"");
    fixed.schema = "aa:int64";
    expect_within(message("ab\n1\n", fixed), path + ": no column 'aa' (did you mean 'ab'?)");
    expect_within(message(""), "got an empty file");
}

TEST(WriteCsv, WhatIsWrittenReadsAsItWas) {
    SharedFolder folder(world());
    std::string const text =
        "i,x,s,b,t\n1,0.1,\"a,\"\"b\"\"\",true,2014-07-01 00:30:00\n"
        ",,,,\n-5,1e+300,\"\",false,1969-12-31 23:59:59.250\n"
        "7,nan,\"two\nlines\",true,2014-07-01 00:00:00.000001\n";
    write_file(folder.file("x.csv"), text);
    for (auto const& context : {test::roomy(), test::tight()}) {
        Table const table = read_csv(context, folder.file("x.csv"), tiny_parts(20, 10));
        EXPECT_EQ(table.schema().to_text(), "i:int64, x:float64, s:string, b:bool, t:timestamp");
        CsvWriteOptions options;
        options.overwrite = true;
        EXPECT_EQ(write_csv(table, folder.file("y.csv"), options), 4);
        EXPECT_EQ(file_text(folder.file("y.csv")), text);
        world().barrier();
    }
}

}  // namespace
}  // namespace partita::frame::csv_test
