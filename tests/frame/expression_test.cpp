#include "partita/frame/expression.hpp"

#include "frame/permutation.hpp"
#include "frame/tables.hpp"
#include "frame/value_text.hpp"
#include "support/error_message.hpp"
#include "support/shared_folder.hpp"

#include "partita/core/random.hpp"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

namespace partita::frame::expression_test {
namespace {

using test::error_message;
using test::SharedFolder;
using test::tiny_parts;
using test::write_file;

Communicator world() { return Communicator::world(); }

/// i: 1, -7, null, 5; x: 0.5, nan, 2, null; s: "ab", "", null, "Zé"; b: true, false, null, true;
/// t: 2014-07-01 00:30:00 and nulls.
Table four_rows(SharedFolder const& folder) {
    write_file(folder.file("x.csv"),
               "i,x,s,b,t,odd name\n1,0.5,ab,true,2014-07-01 00:30:00,9\n"
               "-7,nan,\"\",false,,9\n,2,,,,9\n5,,Zé,true,,9\n");
    return read_csv(test::roomy(), folder.file("x.csv"), tiny_parts(20, 20));
}

/// "1;-7;;5": the values of an expression, nulls empty.
std::string values_of(Table const& table, std::string const& expression) {
    Block const block = table.with_column("result", expression).select({"result"}).collect();
    std::string all;
    for (std::int64_t row = 0; row < block.rows(); ++row) {
        if (row > 0) all += ';';
        append_value(all, block.column(0), row);
    }
    return all;
}

TEST(Expression, ValuesNullsAndTypes) {
    SharedFolder folder(world());
    Table const table = four_rows(folder);
    std::pair<char const*, char const*> const expected[] = {
        {"i + 1", "2;-6;;6"},
        {"i * 2 - 3 % 2", "1;-15;;9"},
        {"i / 2", "0.5;-3.5;;2.5"},
        {"-i", "-1;7;;-5"},
        {"i / 0", ";;;"},
        {"i % 0", ";;;"},
        {"i + x", "1.5;nan;;"},
        {"i > 1", "false;false;;true"},
        {"x >= 2", "false;true;true;"},
        {"x = x", "true;true;true;"},
        {"i > 1 or b", "true;false;;true"},
        {"i > 1 and b", "false;false;;true"},
        {"i > 100 and b", "false;false;;false"},
        {"not b", "false;true;;false"},
        {"s is null", "false;false;true;false"},
        {"s is not null and s <> ''", "true;false;false;true"},
        {"s in ('ab', 'cd')", "true;false;;false"},
        {"s not in ('ab', 'cd')", "false;true;;true"},
        {"i between -7 and 1", "true;true;;false"},
        {"length(s)", "2;0;;2"},
        {"upper(s)", "AB;;;Zé"},
        {"substr(s, 2, 5)", "b;;;é"},
        {"split_part('a,,c', ',', 1)", "a;a;a;a"},
        {"split_part('a,,c', ',', 2)", ";;;"},
        {"split_part('a, b, c', ', ', 3)", "c;c;c;c"},
        {"split_part('a,b', ',', 3)", ";;;"},
        {"split_part('a,b', ',', 0)", ";;;"},
        {"split_part('a,b', '', 1)", "a,b;a,b;a,b;a,b"},
        {"concat(s, '-', i)", "ab-1;--7;;Zé-5"},
        {"coalesce(i, 0)", "1;-7;0;5"},
        {"coalesce(i, x)", "1;-7;2;5"},
        {"if(i > 0, 'up', 'down')", "up;down;down;up"},
        {"if(i > 0, i, null)", "1;;;5"},
        {"abs(i)", "1;7;;5"},
        {"sqrt(i * i)", "1;7;;5"},
        {"year(t) * 100 + month(t)", "201407;;;"},
        {"t = '2014-07-01T00:30'", "true;;;"},
        {"hour(t) * 60 + minute(t)", "30;;;"},
        {"int64('12') + int64(2.9)", "14;14;14;14"},
        {"\"odd name\" - `odd name` * 2", "-9;-9;-9;-9"},
        {"2 + 3 * 4 = 14 && !false", "true;true;true;true"},
        {"-9223372036854775808",
         "-9223372036854775808;-9223372036854775808;"
         "-9223372036854775808;-9223372036854775808"},
        {"1e3", "1000;1000;1000;1000"},
        {"is_nan(x)", "false;true;false;"},
        {"b + b", "2;0;;2"},
        {"starts_with(s, 'a') or contains(s, 'é')", "true;false;;true"},
        {"null is null", "true;true;true;true"},
    };
    for (auto const& [expression, values] : expected)
        EXPECT_EQ(values_of(table, expression), values) << expression;
}

TEST(Expression, SaysWhatIsWrong) {
    SharedFolder folder(world());
    Table const table = four_rows(folder);
    std::pair<char const*, char const*> const expected[] = {
        {"ii > 3", "'ii > 3': no column 'ii' (did you mean 'i'?)"},
        {"i >", "'i >': expected a name, a value or '(' at position 4, got the end"},
        {"i > 3 4", "expected an operator or the end at position 7, got '4'"},
        {"(i", "expected ')' at position 3, got the end"},
        {"s > 3", "expected the same type on both sides of '>', got string and int64"},
        {"s + s", "expected numbers on both sides of '+', got string"},
        {"i and b", "expected a condition on both sides of 'and', got int64"},
        {"lenght(s)", "no function 'lenght' for these arguments (did you mean 'length'?)"},
        {"length(i)", "length: expected string as argument 1, got int64"},
        {"length(s, s)", "length: expected 1 arguments, got 2"},
        {"'abc", "expected a closing ' for the one at position 1"},
        {"i # 3", "expected an operator, a name or a value at position 3, got '#'"},
    };
    for (auto const& [expression, message] : expected) {
        std::string const found = error_message([&] { table.with_column("r", expression); });
        EXPECT_NE(found.find(message), std::string::npos) << found;
    }
    EXPECT_NE(error_message([&] { table.filter("i + 1"); }).find("expected a condition"),
              std::string::npos);
    EXPECT_NE(error_message([&] {
                  table.with_column("r", "i * 9000000000000000000").collect();
              }).find("expected an int64 as a result"),
              std::string::npos);
    EXPECT_NE(error_message([&] {
                  table.cast("s", Type::int64).collect();
              }).find("column 's': expected int64, got \"ab\""),
              std::string::npos);
}

TEST(Expression, IsOfAnyLengthAndBoundedDepth) {
    SharedFolder folder(world());
    Table const table = four_rows(folder);
    auto const repeated = [](int times, std::string const& text) {
        std::string all;
        for (int i = 0; i < times; ++i) all += text;
        return all;
    };
    constexpr int many = 30'000;
    EXPECT_EQ(values_of(table, "i in (" + repeated(many, "3, ") + "5)"), "false;false;;true");
    EXPECT_EQ(values_of(table, "i = 5" + repeated(many, " or i = 1")), "true;false;;true");
    EXPECT_EQ(values_of(table, "i = 5" + repeated(many, " and i > 1")), "false;false;;true");
    EXPECT_EQ(values_of(table, "i" + repeated(3000, " + 1")), "3001;2993;;3005");
    EXPECT_EQ(values_of(table, repeated(200, "(") + "i" + repeated(200, ")")), "1;-7;;5");
    for (std::string const& text :
         {repeated(many, "(") + "i", repeated(many, "not ") + "b", repeated(many, "- ") + "i",
          repeated(many, "abs(") + "i", "i" + repeated(many, " + i"), "i" + repeated(many, " * i"),
          "i" + repeated(many, " % i")}) {
        std::string const found = error_message([&] { table.with_column("r", text); });
        EXPECT_NE(found.find("operations"), std::string::npos) << found.substr(0, 200);
    }
}

TEST(Table, ChoosesRowsTheSameWayOnAnyNumberOfRanks) {
    SharedFolder folder(world());
    std::string text = "i,j\n";
    for (int i = 0; i < 500; ++i) text += std::to_string(i) + "," + std::to_string(i % 7) + "\n";
    write_file(folder.file("x.csv"), text);
    Table const table = read_csv(test::threaded(), folder.file("x.csv"), tiny_parts(100, 50));
    auto const numbers = [](Table const& some, std::string const& name) {
        Block const block = some.collect();
        auto const* const values = block.column(name).values<std::int64_t>();
        return std::vector<std::int64_t>(values, values + block.rows());
    };
    EXPECT_EQ(numbers(table.filter("j = 3 and i >= 490"), "i"), (std::vector<std::int64_t>{493}));
    EXPECT_EQ(numbers(table.limit(3), "i"), (std::vector<std::int64_t>{0, 1, 2}));
    EXPECT_EQ(table.limit(0).rows(), 0);
    EXPECT_EQ(numbers(table.with_row_index("n"), "n"), numbers(table, "i"));
    auto const order = numbers(table.random_order_index("n", 7), "n");
    EXPECT_EQ(std::set<std::int64_t>(order.begin(), order.end()).size(), 500u);
    EXPECT_EQ(*std::max_element(order.begin(), order.end()), 499);
    EXPECT_NE(order, numbers(table, "i"));
    auto const parts = table.split({0.8, 0.2}, 3);
    auto train = numbers(parts[0], "i"), test = numbers(parts[1], "i");
    EXPECT_NEAR(static_cast<double>(train.size()), 400, 40);
    for (std::int64_t const row : train) {  // the same rows as the definition names
        double const draw = RandomStream(3, static_cast<std::uint64_t>(row)).uniform();
        EXPECT_LT(draw, 0.8);
    }
    train.insert(train.end(), test.begin(), test.end());
    EXPECT_EQ(std::set<std::int64_t>(train.begin(), train.end()).size(), 500u);
    EXPECT_EQ(table.union_with(table.limit(2)).rows(), 502);
    EXPECT_EQ(table.rename({{"i", "k"}}).drop({"j"}).schema().to_text(), "k:int64");
    EXPECT_EQ(table.cache().with_column("i", "i * 2").filter("i < 6").rows(), 3);
}

TEST(Permutation, IsOne) {
    for (std::int64_t const n : {1, 2, 3, 17, 64, 65, 1000}) {
        std::set<std::int64_t> seen;
        Permutation const order(n, 5);
        for (std::int64_t i = 0; i < n; ++i) seen.insert(order(i));
        EXPECT_EQ(static_cast<std::int64_t>(seen.size()), n);
        EXPECT_EQ(*seen.begin(), 0);
        EXPECT_EQ(*seen.rbegin(), n - 1);
    }
}

}  // namespace
}  // namespace partita::frame::expression_test
