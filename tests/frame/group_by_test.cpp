#include "frame/tables.hpp"
#include "frame/value_text.hpp"
#include "support/error_message.hpp"
#include "support/shared_folder.hpp"

#include "partita/core/random.hpp"
#include "partita/frame/aggregate.hpp"
#include "partita/frame/wide.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include <gtest/gtest.h>

namespace partita::frame::group_by_test {
namespace {

using test::error_message;
using test::file_text;
using test::SharedFolder;
using test::tiny_parts;
using test::write_file;

Communicator world() { return Communicator::world(); }

struct Row {
    std::optional<std::int64_t> key;
    std::string name;
    std::optional<std::int64_t> i;
    std::optional<double> x;
};

/// Rows whose keys are below `keys`; `heavy` of ten rows have the key 0.
std::vector<Row> random_rows(std::int64_t rows, std::int64_t keys, std::uint64_t heavy) {
    std::vector<Row> all;
    RandomStream random(17);
    for (std::int64_t n = 0; n < rows; ++n) {
        Row row;
        auto const key = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(keys)));
        if (random.below(20) != 0) row.key = random.below(10) < heavy ? 0 : key;
        row.name = "n" + std::to_string(random.below(5));
        if (random.below(10) != 0) row.i = static_cast<std::int64_t>(random.below(2000)) - 1000;
        if (random.below(10) != 0) row.x = std::round(random.normal() * 1e6) / 64;
        all.push_back(row);
    }
    return all;
}

std::string csv_of(std::vector<Row> const& rows) {
    std::string text = "key,name,i,x\n";
    for (Row const& row : rows)
        text += fmt::format("{},{},{},{}\n", row.key ? std::to_string(*row.key) : "", row.name,
                            row.i ? std::to_string(*row.i) : "",
                            row.x ? fmt::format("{}", *row.x) : "");
    return text;
}

/// The slow, obvious way: all values of a group in a vector.
struct Oracle {
    std::vector<std::int64_t> i;
    std::vector<double> x;
    std::int64_t rows = 0;
};

double quantile(std::vector<double> values, double fraction) {
    std::sort(values.begin(), values.end());
    double const place = fraction * static_cast<double>(values.size() - 1);
    auto const below = static_cast<std::size_t>(place);
    double const part = place - static_cast<double>(below);
    return part == 0 ? values[below] : values[below] + part * (values[below + 1] - values[below]);
}

constexpr char const* all_aggregates =
    "count(), count(i), sum(i), sum(x), mean(x), min(i), max(x), var(x), stddev(i), first(i), "
    "min(name), median(x), quantile(i, 0.9) as q, count_distinct(i)";

void expect_row(Block const& block, std::int64_t row, Oracle const& expected) {
    auto const is = [&](std::string const& name, std::optional<double> value) {
        Column const& column = block.column(name);
        ASSERT_EQ(column.is_null(row), !value) << name << " in row " << row;
        if (!value) return;
        double const found = column.type() == Type::int64
                                 ? static_cast<double>(column.values<std::int64_t>()[row])
                                 : column.values<double>()[row];
        EXPECT_NEAR(found, *value, 1e-9 * std::max(1.0, std::abs(*value))) << name;
    };
    auto const var = [](auto const& values) -> std::optional<double> {
        if (values.size() < 2) return std::nullopt;
        long double mean = 0, squares = 0;
        for (auto const value : values) mean += value;
        mean /= static_cast<long double>(values.size());
        for (auto const value : values) squares += (value - mean) * (value - mean);
        return static_cast<double>(squares / static_cast<long double>(values.size() - 1));
    };
    auto const if_any = [](auto const& values, auto get) -> std::optional<double> {
        if (values.empty()) return std::nullopt;
        return static_cast<double>(get());
    };
    long double sum_i = 0, sum_x = 0;
    for (auto const value : expected.i) sum_i += value;
    for (auto const value : expected.x) sum_x += value;
    auto const& i = expected.i;
    auto const& x = expected.x;
    is("count", static_cast<double>(expected.rows));
    is("count_i", static_cast<double>(i.size()));
    is("sum_i", if_any(i, [&] { return sum_i; }));
    is("sum_x", if_any(x, [&] { return sum_x; }));
    is("mean_x", if_any(x, [&] { return sum_x / static_cast<long double>(x.size()); }));
    is("min_i", if_any(i, [&] { return *std::min_element(i.begin(), i.end()); }));
    is("max_x", if_any(x, [&] { return *std::max_element(x.begin(), x.end()); }));
    is("var_x", var(x));
    auto const var_i = var(i);
    is("stddev_i", var_i ? std::optional(std::sqrt(*var_i)) : std::nullopt);
    is("first_i", if_any(i, [&] { return i.front(); }));
    is("median_x", if_any(x, [&] { return quantile(x, .5); }));
    is("q", if_any(i, [&] { return quantile({i.begin(), i.end()}, .9); }));
    is("count_distinct_i", static_cast<double>(std::set<std::int64_t>(i.begin(), i.end()).size()));
}

using Key = std::pair<std::optional<std::int64_t>, std::string>;

void expect_groups(Block const& block, std::vector<Row> const& rows, bool by_name) {
    std::map<Key, Oracle> oracle;
    for (Row const& row : rows) {
        Oracle& group = oracle[{row.key, by_name ? row.name : ""}];
        ++group.rows;
        if (row.i) group.i.push_back(*row.i);
        if (row.x) group.x.push_back(*row.x);
    }
    ASSERT_EQ(block.rows(), static_cast<std::int64_t>(oracle.size()));
    for (std::int64_t row = 0; row < block.rows(); ++row) {
        Key key;
        if (!block.column("key").is_null(row))
            key.first = block.column("key").values<std::int64_t>()[row];
        if (by_name) key.second = block.column("name").text(row);
        ASSERT_TRUE(oracle.count(key));
        expect_row(block, row, oracle[key]);
        oracle.erase(key);
    }
}

TEST(GroupBy, AllAggregatesAgreeWithTheOracle) {
    SharedFolder folder(world());
    std::string first_text;
    for (auto const& [keys, heavy] : {std::pair{20, 0}, std::pair{800, 0}, std::pair{50, 9}}) {
        auto const rows = random_rows(2000, keys, static_cast<std::uint64_t>(heavy));
        write_file(folder.file("x.csv"), csv_of(rows));
        for (bool const by_name : {false, true}) {
            std::vector<std::string> const by =
                by_name ? std::vector<std::string>{"name", "key"} : std::vector<std::string>{"key"};
            std::string text;
            for (auto const& context : {test::roomy(), test::threaded(), test::tight()}) {
                Table const table = read_csv(context, folder.file("x.csv"), tiny_parts(3000, 700));
                Table const result = group_by(table, by).agg(all_aggregates);
                if (text.empty()) expect_groups(result.collect(), rows, by_name);
                CsvWriteOptions options;
                options.overwrite = true;
                write_csv(result, folder.file("y.csv"), options);
                std::string const written = file_text(folder.file("y.csv"));
                if (text.empty()) text = written;
                EXPECT_EQ(written, text);  // whatever threads and memory
                world().barrier();
            }
        }
    }
}

/// One key has 90 % of the rows, and values that do not fit a megabyte.
TEST(GroupBy, ValuesThatDoNotFitAreLookedAtAgain) {
    SharedFolder folder(world());
    std::string csv = "key,x,s\n";
    std::map<std::int64_t, std::vector<double>> values;
    std::map<std::int64_t, std::set<std::uint64_t>> texts;
    RandomStream random(41);
    for (int row = 0; row < 6000; ++row) {
        auto const key = random.below(10) == 0 ? static_cast<std::int64_t>(random.below(5)) : 7;
        double const x = std::round(random.normal() * 1e9) / 8;
        std::uint64_t const text = random.below(9000);
        values[key].push_back(x);
        texts[key].insert(text);
        csv += fmt::format("{},{},text{}\n", key, x, text);
    }
    write_file(folder.file("x.csv"), csv);
    std::string const aggregates = "quantile(x, 0.3) as q, median(x), count_distinct(s), count()";
    Table const table =
        read_csv(test::tight(), folder.file("x.csv"), tiny_parts(20 << 10, 8 << 10));
    Block const found = group_by(table, {"key"}).agg(aggregates).collect();
    ASSERT_EQ(found.rows(), static_cast<std::int64_t>(values.size()));
    for (std::int64_t row = 0; row < found.rows(); ++row) {
        auto const key = found.column("key").values<std::int64_t>()[row];
        EXPECT_EQ(found.column("q").values<double>()[row], quantile(values[key], .3));
        EXPECT_EQ(found.column("median_x").values<double>()[row], quantile(values[key], .5));
        EXPECT_EQ(found.column("count_distinct_s").values<std::int64_t>()[row],
                  static_cast<std::int64_t>(texts[key].size()));
    }
    Block const all = group_by(table, {}).agg("median(x), count_distinct(s)").collect();
    std::vector<double> every;
    std::set<std::uint64_t> different;
    for (auto const& [key, some] : values) every.insert(every.end(), some.begin(), some.end());
    for (auto const& [key, some] : texts) different.insert(some.begin(), some.end());
    EXPECT_EQ(all.column("median_x").values<double>()[0], quantile(every, .5));
    EXPECT_EQ(all.column("count_distinct_s").values<std::int64_t>()[0],
              static_cast<std::int64_t>(different.size()));
}

TEST(GroupBy, SumsOfLargeIntegersAreExact) {
    SharedFolder folder(world());
    constexpr std::int64_t large = 9'000'000'000'000'000'000;
    std::string csv = "key,x\n";
    for (int row = 0; row < 600; ++row)
        csv += fmt::format("{},{}\n", row % 2, row % 4 < 2 ? large + row % 3 : -large);
    csv += "0,-1\n1,\n";
    write_file(folder.file("x.csv"), csv);
    for (auto const& context : {test::roomy(), test::tight()}) {
        Block const found =
            group_by(read_csv(context, folder.file("x.csv"), tiny_parts(900, 300)), {"key"})
                .agg("sum(x), mean(x)")
                .collect();
        for (std::int64_t row = 0; row < 2; ++row) {
            auto const key = found.column("key").values<std::int64_t>()[row];
            std::int64_t sum = key == 0 ? -1 : 0;
            for (std::int64_t i = 0; i < 600; ++i)
                if (i % 2 == key && i % 4 < 2) sum += i % 3;
            EXPECT_EQ(found.column("sum_x").values<std::int64_t>()[row], sum);
            EXPECT_DOUBLE_EQ(found.column("mean_x").values<double>()[row],
                             static_cast<double>(sum) / (key == 0 ? 301 : 300));
        }
    }
}

TEST(GroupBy, WithoutKeysThereIsOneRow) {
    SharedFolder folder(world());
    auto const rows = random_rows(300, 5, 0);
    write_file(folder.file("x.csv"), csv_of(rows));
    Table const table = read_csv(test::roomy(), folder.file("x.csv"), tiny_parts(500, 100));
    Oracle all;
    for (Row const& row : rows) {
        ++all.rows;
        if (row.i) all.i.push_back(*row.i);
        if (row.x) all.x.push_back(*row.x);
    }
    Block const block = group_by(table, {}).agg(all_aggregates).collect();
    ASSERT_EQ(block.rows(), 1);
    expect_row(block, 0, all);
    Block const none = group_by(table.filter("key > 100"), {}).agg("count(), sum(i)").collect();
    ASSERT_EQ(none.rows(), 1);
    EXPECT_EQ(none.column("count").values<std::int64_t>()[0], 0);
    EXPECT_TRUE(none.column("sum_i").is_null(0));
    EXPECT_EQ(group_by(table.filter("key > 100"), {"key"}).agg("count()").rows(), 0);
}

TEST(GroupBy, SaysWhatIsWrong) {
    SharedFolder folder(world());
    write_file(folder.file("x.csv"), "a,b\n9223372036854775807,x\n1,y\n");
    Table const table = read_csv(test::roomy(), folder.file("x.csv"));
    auto const message = [&](std::string const& key, std::string const& aggregates) {
        return error_message([&] { group_by(table, {key}).agg(aggregates).collect(); });
    };
    EXPECT_NE(message("c", "count()").find("no column 'c'"), std::string::npos);
    EXPECT_NE(message("a", "meam(b)").find("no aggregate 'meam' (did you mean 'mean'?)"),
              std::string::npos);
    EXPECT_NE(message("a", "mean(b)").find("mean: expected a column of numbers, got 'b'"),
              std::string::npos);
    EXPECT_NE(message("a", "count(").find("expected a column at position 7"), std::string::npos);
    EXPECT_NE(message("a", "count() as a").find("two columns have the name 'a'"),
              std::string::npos);
    EXPECT_NE(error_message([&] {
                  group_by(table, {}).agg("sum(a)").collect();
              }).find("the sum of column 'a' is more than an int64 holds"),
              std::string::npos);
}

TEST(GroupBy, NanZeroAndInfinityAsKeysAndValues) {
    SharedFolder folder(world());
    write_file(folder.file("x.csv"),
               "k,x\nnan,1\n0,nan\n-1.5,5\n-nan,inf\n-0.0,-nan\n,inf\n0,2\nnan,-inf\n,inf\nnan,\n"
               "-3,1\n-3,inf\n");
    for (char const* const type : {"float64", "float32"}) {
        CsvOptions parts = tiny_parts(20, 20);
        parts.schema = std::string("k:") + type + ", x:" + type;
        Table groups = group_by(read_csv(test::roomy(), folder.file("x.csv"), parts), {"k"})
                           .agg(
                               "count() as n, min(x) as low, quantile(x, 0) as q, "
                               "median(x) as m, max(x) as high, count_distinct(x) as d");
        groups = sort(groups, parse_sort_keys("k"));
        for (char const* const column : {"k", "m", "high"})
            groups =
                groups.with_column(column, fmt::format("if(is_nan({0}), 99, {0} + 0.0)", column));
        EXPECT_EQ(to_csv(groups), world().is_root() ? "k,n,low,q,m,high,d\n"
                                                      "-3,2,1,1,inf,inf,2\n"
                                                      "-1.5,1,5,5,5,5,1\n"
                                                      "0,3,2,2,99,99,2\n"
                                                      "99,4,-inf,-inf,1,inf,3\n"
                                                      ",2,inf,inf,inf,inf,1\n"
                                                    : "")
            << type;
    }
}

}  // namespace
}  // namespace partita::frame::group_by_test
