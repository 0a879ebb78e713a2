#include "format/bad_files.hpp"

namespace partita::format::test {

std::vector<BadFile> bad_csv_files() {
    std::string const long_text(100, 'x');
    return {
        {"empty.csv", "", "expected at least one line, got an empty file"},
        {"blank.csv", "\n \r\n\n", "expected at least one line, got an empty file"},
        {"mark.csv", "\xef\xbb\xbf\n", "expected at least one line, got an empty file"},
        {"utf16.csv",
         std::string("\xff\xfe"
                     "1\0,\0002\0",
                     8),
         "expected UTF-8 text, got UTF-16"},
        {"zipped.csv", "\x1f\x8b\x08", "expected text, got gzip data"},
        {"header.csv", "a,b\n", "expected at least one row, got 0"},
        {"ids.csv", "id\n1\n2\n", "expected vectors of at least one dimension, got 0"},
        {"short.csv", "a,b\n1,2\n3\n", "line 3: expected 2 columns, got 1"},
        {"long.csv", "a,b\n1,2\n3,4,5\n", "line 3: expected 2 columns, got 3"},
        {"comma.csv", "1,2\n3,4,\n", "line 2: expected 2 columns, got 3"},
        {"gap.csv", "1,2\n\n3,4\n", "line 2: expected 2 columns, got an empty line"},
        {"number.csv", "name,age\n1,2\n3,abc\n",
         "line 3, column 'age': expected a number, got \"abc\""},
        {"text.csv", "horse,1\npony,2\n", "line 1, column 1: expected a number, got \"horse\""},
        {"nothing.csv", "a,b\n1,\n", "line 2, column 'b': expected a number, got nothing"},
        {"empty_quotes.csv", "a,b\n1,\"\"\n", "line 2, column 'b': expected a number, got nothing"},
        {"suffix.csv", "1,2\n3,4x\n", "line 2, column 2: expected a number, got \"4x\""},
        {"hex.csv", "1,2\n3,0x10\n", "line 2, column 2: expected a number, got \"0x10\""},
        {"sign.csv", "1,2\n3,+-4\n", "line 2, column 2: expected a number, got \"+-4\""},
        {"comma.csv", "1;2\n3;4,5\n", "line 2, column 2: expected a number, got \"4,5\""},
        {"quote.csv", "a,b\n1,\"2\n3,4\n",
         "line 2, column 'b': a quoted text does not end on its line"},
        {"lone.csv", "a,b\n1,\"\n", "line 2, column 'b': a quoted text does not end on its line"},
        {"after.csv", "1,2\n3,\"4\"5\n", "line 2, column 2: expected a number, got \"\"4\"5\""},
        {"huge.csv", "1," + long_text + "\n2,3\n4,y" + long_text + "\n",
         "line 3, column '" + long_text + "': expected a number, got \"y" +
             long_text.substr(0, 39) + "...\""},
        {"no_id.csv", "id,a\n1,2\n,3\n", "line 3, column 'id': expected an id, got nothing"},
        {"nan.csv", "a,b\n1,NaN\n", "line 2, column 'b': expected a finite float32, got nan"},
        {"large.csv", "a,b\n1,1e39\n", "line 2, column 'b': expected a finite float32, got inf"},
        {"zero_byte.csv", std::string("id,a\nx\0y,2\n", 11),
         "line 2, column 'id': expected an id, got a zero byte"},
    };
}

std::vector<BadFile> bad_label_files() {
    return {
        {"empty.txt", "", "expected at least one line, got an empty file"},
        {"gap.txt", "horse\n\npony\n", "line 2: expected an id, got nothing"},
        {"blank.txt", "horse\n \t\npony\n", "line 2: expected an id, got nothing"},
        {"first.txt", "\nhorse\n", "line 1: expected an id, got nothing"},
        {"zero_byte.txt", std::string("a\0b\n", 4), "line 1: expected an id, got a zero byte"},
        {"utf16.txt", "\xfe\xff", "expected UTF-8 text, got UTF-16"},
    };
}

}  // namespace partita::format::test
