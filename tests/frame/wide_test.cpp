#include "partita/frame/wide.hpp"

#include "frame/tables.hpp"
#include "frame/value_text.hpp"
#include "support/error_message.hpp"
#include "support/shared_folder.hpp"

#include "partita/core/random.hpp"
#include "partita/frame/aggregate.hpp"
#include "partita/frame/grouped_map.hpp"
#include "partita/frame/pivot.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <sstream>

#include <gtest/gtest.h>

namespace partita::frame::wide_test {
namespace {

using test::error_message;
using test::file_text;
using test::SharedFolder;
using test::tiny_parts;
using test::write_file;

Communicator world() { return Communicator::world(); }

/// Rows as fields; "" = null.
using Rows = std::vector<std::vector<std::string>>;

std::string csv_of(std::string const& header, Rows const& rows) {
    std::string text = header + "\n";
    for (auto const& row : rows)
        for (std::size_t c = 0; c < row.size(); ++c)
            text += row[c] + (c + 1 < row.size() ? "," : "\n");
    return text;
}

Rows rows_of(std::string const& csv) {
    Rows rows;
    std::istringstream lines(csv);
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line)) {
        rows.emplace_back();
        std::istringstream fields(line + ",");
        for (std::string field; std::getline(fields, field, ',');) rows.back().push_back(field);
    }
    return rows;
}

/// key (few values when `heavy`), text, number, row number.
Rows random_rows(std::int64_t count, std::int64_t keys, bool heavy) {
    Rows rows;
    RandomStream random(23);
    for (std::int64_t n = 0; n < count; ++n) {
        auto const key = random.below(static_cast<std::uint64_t>(keys));
        bool const common = heavy && random.below(10) != 0;
        rows.push_back(
            {random.below(12) == 0 ? "" : std::to_string(common ? 0 : key),
             random.below(12) == 0
                 ? ""
                 : std::string(1 + random.below(3), static_cast<char>('a' + random.below(3))),
             random.below(12) == 0 ? ""
             : random.below(9) == 0
                 ? "nan"
                 : std::to_string(static_cast<int>(random.below(50)) - 25) + ".5",
             std::to_string(n)});
    }
    return rows;
}

std::string written(Table const& table, SharedFolder const& folder) {
    CsvWriteOptions options;
    options.overwrite = true;
    Communicator const& comm = table.context().comm();
    std::string const name =
        comm.size() == world().size() ? "out.csv" : std::to_string(world().rank()) + ".csv";
    write_csv(table, folder.file(name), options);
    std::string text = file_text(folder.file(name));
    comm.barrier();
    return text;
}

CsvOptions parts_with(std::string const& schema) {
    CsvOptions options = tiny_parts(2000, 500);
    options.schema = schema;
    return options;
}

double order_of(std::string const& text) {
    return text == "nan" ? HUGE_VAL : std::strtod(text.c_str(), nullptr);
}

TEST(Sort, AgreesWithAStableSort) {
    SharedFolder folder(world());
    for (bool const heavy : {false, true}) {
        Rows rows = random_rows(1500, 40, heavy);
        write_file(folder.file("x.csv"), csv_of("k,s,x,n", rows));
        auto const before = [](std::string const& a, std::string const& b, bool numbers,
                               bool descending) -> std::optional<bool> {
            if (a == b) return std::nullopt;
            if (a.empty() || b.empty()) return b.empty();
            if (numbers) return (order_of(a) < order_of(b)) != descending;
            return (a < b) != descending;
        };
        std::stable_sort(rows.begin(), rows.end(), [&](auto const& a, auto const& b) {
            if (auto const first = before(a[0], b[0], true, true)) return *first;
            if (auto const second = before(a[1], b[1], false, false)) return *second;
            return before(a[2], b[2], true, true).value_or(false);
        });
        std::string const expected = csv_of("k,s,x,n", rows);
        for (auto const& context : {test::roomy(), test::threaded(), test::tight()}) {
            Table const table =
                read_csv(context, folder.file("x.csv"), parts_with("k:int64, x:float64"));
            EXPECT_EQ(written(sort(table, parse_sort_keys("-k, s, x desc")), folder), expected);
        }
    }
    Table const table = read_csv(test::roomy(), folder.file("x.csv"));
    EXPECT_NE(error_message([&] { sort(table, parse_sort_keys("kk")); }).find("no column 'kk'"),
              std::string::npos);
}

TEST(Sort, TellsTextsWithZeroBytesApart) {
    using namespace std::string_view_literals;
    SharedFolder folder(world());
    write_file(folder.file("x.csv"), "s\nab\na\0b\na\na\0\na\1\n"sv);
    Table const table = read_csv(test::roomy(), folder.file("x.csv"), tiny_parts(3, 3));
    EXPECT_EQ(written(sort(table, parse_sort_keys("s")), folder), "s\na\na\0\na\0b\na\1\nab\n"sv);
    EXPECT_EQ(written(sort(table, parse_sort_keys("-s")), folder), "s\nab\na\1\na\0b\na\0\na\n"sv);
}

TEST(Distinct, KeepsOneOfEach) {
    SharedFolder folder(world());
    Rows rows = random_rows(1500, 3, false);
    write_file(folder.file("x.csv"), csv_of("k,s,x,n", rows));
    Table const table = read_csv(test::tight(), folder.file("x.csv"), tiny_parts(2000, 500));
    Rows found = rows_of(written(distinct(table.select({"k", "s"})), folder));
    for (auto& row : rows) row.resize(2);
    for (Rows* some : {&rows, &found}) std::sort(some->begin(), some->end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    EXPECT_EQ(found, rows);
}

/// The slow join: each row with each.
Rows joined(Rows const& left, Rows const& right, JoinKind kind) {
    Rows result;
    for (auto const& l : left) {
        bool any = false;
        for (auto const& r : right) {
            if (l[0] != r[0] || l[1] != r[1] || l[0].empty() || l[1].empty()) continue;
            any = true;
            if (kind == JoinKind::inner || kind == JoinKind::left) {
                result.push_back(l);
                result.back().insert(result.back().end(), {r[2], r[3]});
            }
        }
        if (kind == JoinKind::left && !any) {
            result.push_back(l);
            result.back().insert(result.back().end(), {"", ""});
        }
        if ((kind == JoinKind::semi && any) || (kind == JoinKind::anti && !any))
            result.push_back(l);
    }
    return result;
}

TEST(Join, AgreesWithTheSlowOne) {
    SharedFolder folder(world());
    for (bool const heavy : {false, true}) {
        Rows const left = random_rows(400, 60, heavy), right = random_rows(90, 60, false);
        write_file(folder.file("l.csv"), csv_of("k,s,x,n", left));
        write_file(folder.file("r.csv"), csv_of("s,k,x,n", [&] {
                       Rows swapped = right;
                       for (auto& row : swapped) std::swap(row[0], row[1]);
                       return swapped;
                   }()));
        for (JoinKind const kind :
             {JoinKind::inner, JoinKind::left, JoinKind::semi, JoinKind::anti}) {
            Rows const expected = joined(left, right, kind);
            for (auto const& context : {test::roomy(), test::threaded(), test::tight()}) {
                Table const l =
                    read_csv(context, folder.file("l.csv"), parts_with("k:int64, x:float64"));
                Table const r =
                    read_csv(context, folder.file("r.csv"), parts_with("k:int64, x:float64"));
                for (std::int64_t const broadcast : {1 << 20, 0}) {
                    JoinOptions options;
                    options.kind = kind;
                    options.broadcast_bytes = broadcast;
                    EXPECT_EQ(rows_of(written(join(l, r, {"k", "s"}, {"k", "s"}, options), folder)),
                              expected);
                }
            }
        }
    }
    Table const table = read_csv(test::roomy(), folder.file("l.csv"));
    EXPECT_EQ(join(table, table, {"n"}, {"n"}).schema().names(),
              (std::vector<std::string>{"k", "s", "x", "n", "k_right", "s_right", "x_right"}));
    EXPECT_NE(error_message([&] {
                  join(table, table, {"k"}, {"s"});
              }).find("'k', which is int64, and 's', which is string"),
              std::string::npos);
    EXPECT_NE(error_message([&] {
                  join(table, table, {"kk"}, {"k"});
              }).find("join: left table: no column 'kk'"),
              std::string::npos);
    EXPECT_NE(error_message([&] {
                  join(table, table, {"k"}, {"kk"});
              }).find("join: right table: no column 'kk'"),
              std::string::npos);
}

/// Partners of one left row only, so that most partitions find none.
TEST(Join, OfRowsThatHaveHardlyAnyPartner) {
    SharedFolder folder(world());
    Rows const left = random_rows(200, 60, false);
    auto const some = std::find_if(left.begin(), left.end(),
                                   [](auto const& row) { return row[0] != "" && row[1] != ""; });
    Rows const right = {*some, {"1", "nobody", "2", "3"}};
    write_file(folder.file("l.csv"), csv_of("k,s,x,n", left));
    write_file(folder.file("r.csv"), csv_of("k,s,x,n", right));
    CsvOptions parts = tiny_parts(500, 500);
    parts.schema = "k:int64, x:float64";
    Table const l = read_csv(test::roomy(), folder.file("l.csv"), parts);
    Table const r = read_csv(test::roomy(), folder.file("r.csv"), parts);
    for (JoinKind const kind : {JoinKind::inner, JoinKind::left, JoinKind::semi, JoinKind::anti})
        for (std::int64_t const broadcast : {1 << 20, 0}) {
            JoinOptions options;
            options.kind = kind;
            options.broadcast_bytes = broadcast;
            EXPECT_EQ(rows_of(written(join(l, r, {"k", "s"}, {"k", "s"}, options), folder)),
                      joined(left, right, kind));
        }
}

/// Keys of which one has every `heavy`-th row and most others one, some nulls; a text, a number.
Rows skewed_rows(std::int64_t count, std::int64_t heavy, std::uint64_t seed) {
    Rows rows;
    RandomStream random(seed);
    for (std::int64_t n = 0; n < count; ++n) {
        std::string const key = n % heavy == 1          ? "7"
                                : random.below(15) == 0 ? ""
                                                        : std::to_string(random.below(700));
        std::string const text(random.below(4), static_cast<char>('a' + random.below(3)));
        rows.push_back({key, "t", random.below(9) == 0 ? "" : text + "x", std::to_string(n)});
    }
    return rows;
}

TEST(Join, IsTheSameForAnyMemory) {
    SharedFolder folder(world());
    // The rows of the frequent key alone are more than the least memory holds.
    Rows const left = skewed_rows(120, 30, 1), right = skewed_rows(6000, 2, 2);
    write_file(folder.file("l.csv"), csv_of("k,s,x,n", left));
    write_file(folder.file("r.csv"), csv_of("k,s,x,n", right));
    RandomStream budgets(3);
    for (JoinKind const kind : {JoinKind::inner, JoinKind::left, JoinKind::semi, JoinKind::anti}) {
        bool const pairs = kind == JoinKind::inner || kind == JoinKind::left;
        Rows const once = joined(left, right, kind);
        Rows twice = once;
        twice.insert(twice.end(), once.begin(), once.end());
        std::string const expected = csv_of(pairs ? "k,s,x,n,x_right,n_right" : "k,s,x,n", twice);
        for (int i = 0; i < 3; ++i) {
            auto const memory = static_cast<std::int64_t>((256 << 10) + budgets.below(2 << 20));
            auto const context = test::context_with(i == 0 ? 256 << 10 : memory, i + 1);
            CsvOptions parts = tiny_parts(i == 0 ? 2000 : 20000, 500);
            parts.schema = "k:int64";
            Table const l = read_csv(context, folder.file("l.csv"), parts);
            Table const r = read_csv(context, folder.file("r.csv"), parts);
            JoinOptions options;
            options.kind = kind;
            options.broadcast_bytes = i == 2 ? 1 << 20 : 0;
            Table const both = join(l.union_with(l), r, {"k", "s"}, {"k", "s"}, options);
            EXPECT_TRUE(written(both, folder) == expected)
                << "memory " << memory << ", kind " << static_cast<int>(kind);
        }
    }
}

/// Operations one behind the other, so that the blocks and partitions that one makes of the memory
/// it has would show in the sums and orders of the next.
TEST(Chains, AreTheSameForAnyMemoryRanksAndThreads) {
    SharedFolder folder(world());
    Rows const left = skewed_rows(2500, 4, 5), right = skewed_rows(800, 700, 6);
    write_file(folder.file("l.csv"), csv_of("k,s,x,n", left));
    write_file(folder.file("r.csv"), csv_of("k,s,x,n", right));
    auto const results = [&](dataset::Context const& context, std::int64_t broadcast) {
        CsvOptions parts = tiny_parts(4000, 900);
        parts.schema = "k:int64";
        Table const l = read_csv(context, folder.file("l.csv"), parts)
                            .with_column("y", "float64(n) / 7 * 1.1 + 1 / (1 + n)");
        Table const r = read_csv(context, folder.file("r.csv"), parts);
        JoinOptions options;
        options.broadcast_bytes = broadcast;
        options.kind = JoinKind::left;
        Table const joined = join(l, r, {"k"}, {"k"}, options);
        Table const sums = group_by(joined, {"k", "x_right"})
                               .agg(
                                   "sum(y) as y, mean(y) as m, var(y) as v, first(n) as n, "
                                   "median(y) as q, count_distinct(x) as d");
        std::string text = written(sums, folder);
        text +=
            written(group_by(sort(sums, parse_sort_keys("-m")), {}).agg("sum(v), var(m)"), folder);
        text += written(distinct(joined.select({"x", "x_right"})), folder);
        text += written(pivot(joined, {"k"}, "x_right", "sum(y)"), folder);
        Table const mapped =
            apply_in_groups(joined.select({"k", "y"}), {"k"}, Schema::parse("k:int64, y:float64"),
                            [](Block const& group) { return group.slice(0, 1); });
        text +=
            written(group_by(mapped, {}).agg("sum(y), var(y)"), folder) + written(mapped, folder);
        return text;
    };
    dataset::Options alone;
    alone.memory_bytes = 64 << 20;
    alone.threads = 1;
    std::string const expected = results(dataset::Context(Communicator::self(), alone), 1 << 20);
    RandomStream budgets(7);
    for (int i = 1; i < 3; ++i) {
        auto const memory = static_cast<std::int64_t>((256 << 10) + budgets.below(1 << 20));
        EXPECT_TRUE(results(test::context_with(memory, i), 0) == expected) << "memory " << memory;
    }
}

}  // namespace
}  // namespace partita::frame::wide_test
