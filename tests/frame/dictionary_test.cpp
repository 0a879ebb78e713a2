#include "frame/dictionary.hpp"

#include "frame/block_codec.hpp"
#include "frame/tables.hpp"
#include "support/error_message.hpp"
#include "support/shared_folder.hpp"

#include "partita/core/random.hpp"
#include "partita/frame/aggregate.hpp"
#include "partita/frame/column_builder.hpp"
#include "partita/frame/expression.hpp"
#include "partita/frame/grouped_map.hpp"
#include "partita/frame/pivot.hpp"
#include "partita/frame/wide.hpp"

#include <atomic>
#include <functional>
#include <numeric>
#include <optional>
#include <set>

#include <gtest/gtest.h>

namespace partita::frame::dictionary_test {
namespace {

using test::error_message;
using test::SharedFolder;
using test::tiny_parts;
using test::write_file;

Communicator world() { return Communicator::world(); }

using Texts = std::vector<std::optional<std::string>>;

Column column_of(Texts const& texts) {
    ColumnBuilder column(Type::text);
    for (auto const& text : texts) {
        if (text)
            column.append_text(*text);
        else
            column.append_null();
    }
    return column.finish();
}

Texts texts_of(Column const& column) {
    Texts texts;
    for (std::int64_t row = 0; row < column.size(); ++row) {
        texts.emplace_back(column.text(row));
        if (!column.is_null(row)) continue;
        EXPECT_EQ(texts.back(), "") << "of a null";
        texts.back() = std::nullopt;
    }
    return texts;
}

/// Texts of every length up to 40 that differ in one byte, of which places and values are drawn;
/// empty ones and, on demand, nulls.
Texts similar_texts(std::size_t rows, std::uint64_t different, bool nulls, std::uint64_t seed) {
    RandomStream random(seed);
    Texts texts;
    for (std::size_t i = 0; i < rows; ++i) {
        std::uint64_t const number = random.below(different);
        RandomStream one(seed, 1 + number);
        std::string text(one.below(41), 'x');
        if (!text.empty()) text[one.below(text.size())] = static_cast<char>('a' + one.below(3));
        texts.emplace_back(text);
        if (nulls && random.below(5) == 0) texts.back() = std::nullopt;
    }
    return texts;
}

TEST(Dictionary, IsMadeWhereFewTextsDiffer) {
    for (bool const nulls : {false, true}) {
        for (std::size_t const rows : {64, 1000, 5000}) {
            Texts const texts = similar_texts(rows, rows / 8, nulls, rows);
            Column const coded = with_dictionary(column_of(texts));
            EXPECT_TRUE(coded.has_small_dictionary()) << rows;
            EXPECT_EQ(texts_of(coded), texts) << rows;
            EXPECT_EQ(coded.null_count(), column_of(texts).null_count());
            std::set<std::string_view> entries;
            Column const dictionary = coded.dictionary();
            for (std::int64_t i = 0; i < dictionary.size(); ++i)
                EXPECT_TRUE(entries.insert(dictionary.text(i)).second) << dictionary.text(i);
        }
    }
}

TEST(Dictionary, IsNotMadeWhereManyDifferOrRowsAreFew) {
    Texts numbers;
    for (int i = 0; i < 2000; ++i) numbers.emplace_back(std::to_string(i));
    EXPECT_EQ(with_dictionary(column_of(numbers)).codes(), nullptr);
    // More than a quarter, but few at the beginning.
    for (std::size_t i = 0; i < 1000; ++i) numbers[i] = "same";
    EXPECT_EQ(with_dictionary(column_of(numbers)).codes(), nullptr);
    EXPECT_EQ(with_dictionary(column_of(Texts(63, "same"))).codes(), nullptr);
    EXPECT_EQ(with_dictionary(column_of({})).size(), 0);
}

/// Rows [first, last).
Texts part(Texts const& texts, std::int64_t first, std::int64_t last) {
    return {texts.begin() + first, texts.begin() + last};
}

TEST(Dictionary, PartsAndChosenRowsHaveTheirTexts) {
    Texts const texts = similar_texts(1000, 20, true, 3);
    Column const coded = with_dictionary(column_of(texts));
    EXPECT_EQ(coded.text_bytes(), column_of(texts).text_bytes());
    for (std::int64_t const last : {100, 110, 1000}) {  // more and fewer rows than the texts' four
        EXPECT_EQ(texts_of(coded.slice(99, last)), part(texts, 99, last));
        std::vector<std::uint32_t> rows(static_cast<std::size_t>(last - 99));
        std::iota(rows.begin(), rows.end(), 99u);
        Column const taken = coded.take(rows);
        EXPECT_EQ(texts_of(taken), part(texts, 99, last));
        EXPECT_EQ(taken.codes() != nullptr, last == 1000);
    }
}

TEST(Dictionary, BuildersTakeRowsWithAndWithoutOne) {
    Texts const few = similar_texts(1000, 20, true, 3), many = similar_texts(50, 1000, false, 4);
    Column const coded = with_dictionary(column_of(few)), plain = column_of(many);
    ColumnBuilder builder(Type::text);
    Texts expected;
    for (int round = 0; round < 3; ++round) {
        builder.append_rows(plain, 0, 50);
        builder.append_rows(coded, 10, 900);
        builder.append_rows(coded, 7, 12);
        builder.append_text("one");
        builder.append_null();
        for (Texts const& more : {many, part(few, 10, 900), part(few, 7, 12), Texts{"one", {}}})
            expected.insert(expected.end(), more.begin(), more.end());
    }
    Column const all = builder.finish();
    EXPECT_TRUE(all.has_small_dictionary());
    EXPECT_EQ(texts_of(all), expected);
    builder.append_text("next");
    EXPECT_EQ(builder.finish().codes(), nullptr);
}

TEST(Dictionary, BlocksAsBytesKeepThemWhereTheyAreSmall) {
    Texts const texts = similar_texts(1000, 20, true, 3);
    auto const schema = std::make_shared<Schema const>(Schema::parse("s:string, t:string"));
    Column const coded = with_dictionary(column_of(texts));
    Block const block(schema, {coded, column_of(texts)});
    for (std::int64_t const last : {99, 110, 1000}) {
        Block const some = block.slice(99, last);
        std::vector<std::byte> bytes(static_cast<std::size_t>(encoded_bytes(some)));
        EXPECT_EQ(encode(some, bytes.data()), bytes.data() + bytes.size());
        std::span<std::byte const> left = bytes;
        Block const read = decode(schema, left).owned();
        EXPECT_TRUE(left.empty());
        std::fill(bytes.begin(), bytes.end(), std::byte{0xff});
        for (std::int64_t column : {0, 1})
            EXPECT_EQ(texts_of(read.column(column)), part(texts, 99, last));
        EXPECT_EQ(read.column(0).codes() != nullptr, last == 1000);
    }
}

/// word (few, of them an empty one and null), long (few), name (each once), n.
std::string rows_with_texts(int rows) {
    Texts const words = similar_texts(static_cast<std::size_t>(rows), 9, true, 8);
    Texts const longs = similar_texts(static_cast<std::size_t>(rows), 30, false, 9);
    std::string text = "word,long,name,n\n";
    for (std::size_t i = 0; i < words.size(); ++i) {
        std::string const word = words[i] ? "\"" + *words[i] + "\"" : "";
        text += fmt::format("{},\"{}\",name{},{}\n", word, *longs[i], i, i % 50);
    }
    return text;
}

struct Operation {
    char const* name;
    std::function<Table(Table const&)> run;
};

Block halves(Block const& group) {
    return group.slice(0, (group.rows() + 1) / 2)
        .select(std::vector<std::int64_t>{0, 1, 2, 3}, group.shared_schema());
}

std::vector<Operation> operations() {
    auto const other = [](Table const& t) {
        return distinct(t.select({"word"})).with_column("size", "length(word)");
    };
    return {
        {"all", [](Table const& t) { return t; }},
        {"cache", [](Table const& t) { return t.cache(); }},
        {"group by one",
         [](Table const& t) {
             return group_by(t, {"word"})
                 .agg("count() as n, sum(n) as s, first(name), min(long), count_distinct(long)");
         }},
        {"group by two",
         [](Table const& t) {
             return group_by(t, {"long", "word"}).agg("sum(n)");
         }},
        {"group by many", [](Table const& t) { return group_by(t, {"name"}).agg("max(word)"); }},
        {"group kept",
         [](Table const& t) {
             return group_by(t.cache(), {"long"}).agg("median(n), first(word)");
         }},
        {"distinct",
         [](Table const& t) {
             return distinct(t.select({"word", "long"}));
         }},
        {"join", [=](Table const& t) { return join(t, other(t), {"word"}, {"word"}); }},
        {"left join, shuffled",
         [=](Table const& t) {
             JoinOptions options;
             options.kind = JoinKind::left;
             options.broadcast_bytes = 0;
             return join(t, other(t.filter("length(word) > 9")), {"word"}, {"word"}, options);
         }},
        {"anti join of two keys",
         [](Table const& t) {
             JoinOptions options;
             options.kind = JoinKind::anti;
             options.broadcast_bytes = 0;
             return join(t, t.filter("n < 7"), {"word", "long"}, {"word", "long"}, options);
         }},
        {"sort", [](Table const& t) { return sort(t, parse_sort_keys("-long, word")); }},
        {"filter",
         [](Table const& t) { return t.filter("word < long and n > 7 or word is null"); }},
        {"pivot", [](Table const& t) { return pivot(t, {"word"}, "n", "count()"); }},
        {"grouped map",
         [](Table const& t) { return apply_in_groups(t, {"word"}, t.schema(), halves); }},
        {"split",
         [](Table const& t) {
             return t.split({.2, .8}, 5)[0];
         }},
        {"union", [](Table const& t) { return t.union_with(t.limit(70)).with_row_index("i"); }},
    };
}

/// How many blocks of the column have a dictionary, and how many have none.
std::pair<std::int64_t, std::int64_t> coded_blocks(Table const& table, std::string const& column) {
    std::atomic<std::int64_t> with = 0, without = 0;
    table.for_each_block("look", [&](std::int64_t, Block const& block) {
        ++(block.column(column).codes() ? with : without);
    });
    return {world().all_reduce(with.load(), Reduce::sum),
            world().all_reduce(without.load(), Reduce::sum)};
}

std::string written(Table const& table, SharedFolder const& folder) {
    CsvWriteOptions options;
    options.overwrite = true;
    write_csv(table, folder.file("written.csv"), options);
    std::string text = test::file_text(folder.file("written.csv"));
    world().barrier();
    return text;
}

/// Blocks too small for a dictionary show what comes out without one.
TEST(Dictionary, ChangesNoResult) {
    SharedFolder folder(world());
    write_file(folder.file("x.csv"), rows_with_texts(3000));
    for (auto const& context : {test::roomy(), test::tight(), test::threaded()}) {
        auto const read = [&](std::int64_t block_bytes) {
            return read_csv(context, folder.file("x.csv"), tiny_parts(40000, block_bytes));
        };
        EXPECT_EQ(coded_blocks(read(1000), "long").first, 0);
        EXPECT_EQ(coded_blocks(read(40000), "long").second, 0);
        EXPECT_EQ(coded_blocks(read(40000), "name").first, 0);
        EXPECT_GT(coded_blocks(read(1000).cache(), "word").second, 0);
        for (Operation const& operation : operations()) {
            std::string const expected = written(operation.run(read(1000)), folder);
            EXPECT_TRUE(written(operation.run(read(40000)), folder) == expected) << operation.name;
            EXPECT_GT(expected.size(), 50) << operation.name;
        }
    }
}

TEST(Dictionary, ExpressionsLookAtEachTextOnce) {
    SharedFolder folder(world());
    std::string text = "s,n\n";
    for (int i = 0; i < 400; ++i)
        text += fmt::format("{},{}\n", i % 4 == 3 ? "" : std::to_string(i % 4), i);
    write_file(folder.file("x.csv"), text);
    CsvOptions plain = tiny_parts(100000, 100), coded;
    plain.schema = coded.schema = "s:string";
    Table const a = read_csv(test::roomy(), folder.file("x.csv"), plain),
                b = read_csv(test::roomy(), folder.file("x.csv"), coded);
    EXPECT_EQ(coded_blocks(b, "s").second, 0);
    for (char const* const expression :
         {"s = '1'", "s != null", "'1' < s", "s = s", "s is null", "coalesce(s, 'none')",
          "upper(s)", "substr(concat('a', s, 'b'), 2, 1)", "int64(s) + 1",
          "s in ('1', '2') and n > 7", "if(s is null, 'x', s)", "concat(s, s)",
          "concat(s, string(n))", "'a'", "length('abc')", "split_part('a b c', ' ', 2)",
          "starts_with('abc', s)", "concat(upper(s), lower(s))"})
        EXPECT_EQ(to_csv(a.with_column("r", expression)), to_csv(b.with_column("r", expression)))
            << expression;
}

/// A dictionary may have texts that no row has any more: they must not fail.
TEST(Dictionary, FailsOnlyForTextsOfRows) {
    Texts texts(400, "12");
    for (std::size_t i = 0; i < 400; i += 7) texts[i] = "abc";
    Schema const schema = Schema::parse("s:string");
    Block const block(schema, {with_dictionary(column_of(texts))});
    ASSERT_TRUE(block.column(0).has_small_dictionary());
    std::vector<std::uint32_t> rows;
    for (std::uint32_t i = 0; i < 400; ++i)
        if (i % 7 != 0) rows.push_back(i);
    Expression const number("int64(s)", schema);
    Block const good = block.take(rows);
    ASSERT_TRUE(good.column(0).has_small_dictionary());
    EXPECT_EQ(number.evaluate(good).values<std::int64_t>()[341], 12);
    EXPECT_NE(error_message([&] { number.evaluate(block); }).find("\"abc\""), std::string::npos);
}

}  // namespace
}  // namespace partita::frame::dictionary_test
