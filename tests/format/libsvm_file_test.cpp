#include "partita/format/libsvm_file.hpp"

#include "support/error_message.hpp"
#include "support/temp_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace partita::format {
namespace {

using partita::test::error_message;
using partita::test::TempFolder;
using testing::ElementsAre;

LibsvmRows row_of(std::string_view line) {
    LibsvmRows rows;
    append_libsvm_row(line, rows);
    return rows;
}

TEST(LibsvmFile, RowsAreLabelsAndEntriesCountedFromZero) {
    LibsvmRows rows;
    append_libsvm_row("+1 1:0.5 4:-2e3 ", rows);
    append_libsvm_row("# a comment", rows);
    append_libsvm_row("", rows);
    append_libsvm_row("-1.5", rows);
    append_libsvm_row("2 qid:7\t3:1 # 9:9", rows);
    EXPECT_THAT(rows.labels, ElementsAre(1, -1.5, 2));
    EXPECT_THAT(rows.starts, ElementsAre(0, 2, 2, 3));
    EXPECT_THAT(rows.columns, ElementsAre(0, 3, 2));
    EXPECT_THAT(rows.values, ElementsAre(0.5, -2000, 1));
    EXPECT_EQ(rows.width, 4);
}

TEST(LibsvmFile, AnyCutsOfTheBytesGiveEveryRowOnce) {
    TempFolder const folder;
    LibsvmFile const file(folder.put("x.svm", "\n1 1:1\r\n\n0 2:5 3:6\n# end\n1 1:2"));
    for (std::int64_t cut = file.begin(); cut <= file.end(); ++cut) {
        LibsvmRows rows;
        file.read(file.begin(), cut, rows);
        file.read(cut, file.end(), rows);
        EXPECT_THAT(rows.labels, ElementsAre(1, 0, 1)) << cut;
        EXPECT_THAT(rows.starts, ElementsAre(0, 1, 3, 4)) << cut;
        EXPECT_THAT(rows.values, ElementsAre(1, 5, 6, 2)) << cut;
    }
}

TEST(LibsvmFile, BadRowsAreRefusedWithWhatWasExpected) {
    EXPECT_EQ(error_message([] { row_of("yes 1:1"); }),
              "expected a finite number as label, got 'yes'");
    EXPECT_EQ(error_message([] { row_of("1 3"); }), "expected index:value, got '3'");
    EXPECT_EQ(error_message([] { row_of("1 0:2"); }),
              "expected an index from 1 to 2147483647 before the colon, got '0:2'");
    EXPECT_EQ(error_message([] { row_of("1 2:nan"); }),
              "expected a finite number after the colon, got '2:nan'");
    EXPECT_EQ(error_message([] { row_of("1 3:1 3:2"); }),
              "expected ascending indices, got 3 after 3");
}

TEST(LibsvmFile, ErrorsNameTheLineWhereverTheRangeStarts) {
    TempFolder const folder;
    std::string const path = folder.put("x.svm", "1 1:1\n0 2:2\n1 1:x\n");
    LibsvmFile const file(path);
    for (std::int64_t const first : {std::int64_t{0}, std::int64_t{7}, std::int64_t{12}}) {
        LibsvmRows rows;
        EXPECT_EQ(error_message([&] { file.read(first, file.end(), rows); }),
                  path + ": line 3: expected a finite number after the colon, got '1:x'");
    }
}

}  // namespace
}  // namespace partita::format
