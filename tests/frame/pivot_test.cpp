#include "partita/frame/pivot.hpp"

#include "frame/tables.hpp"
#include "support/error_message.hpp"
#include "support/shared_folder.hpp"

#include "partita/core/random.hpp"
#include "partita/frame/wide.hpp"

#include <map>

#include <gtest/gtest.h>

namespace partita::frame::pivot_test {
namespace {

using test::error_message;
using test::SharedFolder;
using test::tiny_parts;
using test::write_file;

Communicator world() { return Communicator::world(); }

TEST(Pivot, MakesColumnsOfValues) {
    SharedFolder folder(world());
    write_file(folder.file("x.csv"),
               "city,year,n,x\nOslo,2020,1,a\nOslo,2021,2,b\nRome,2020,4,c\nOslo,2020,8,d\n"
               ",2021,16,e\nRome,,32,f\n");
    Table const table = read_csv(test::roomy(), folder.file("x.csv"), tiny_parts(20, 10));
    auto const text = [&](Table const& result) {
        std::string const all = to_csv(sort(result, parse_sort_keys("city")));
        return world().is_root() ? all : std::string();
    };
    auto const at_root = [](std::string expected) {
        return world().is_root() ? expected : std::string();
    };
    EXPECT_EQ(text(pivot(table, {"city"}, "year", "sum(n)")),
              at_root("city,2020,2021,null\nOslo,9,2,\nRome,4,,32\n,,16,\n"));
    EXPECT_EQ(text(pivot(table, {"city"}, "year", "count(), first(x) as x")),
              at_root("city,2020_count,2020_x,2021_count,2021_x,null_count,null_x\n"
                      "Oslo,2,a,1,b,,\nRome,1,c,,,1,f\n,,,1,e,,\n"));
    EXPECT_EQ(text(pivot(table, {"city"}, "year", "sum(n)", {{"2021", "1999"}})),
              at_root("city,2021,1999\nOslo,2,\nRome,,\n,16,\n"));
    EXPECT_NE(error_message([&] {
                  pivot(table, {"city"}, "year", "sum(n)", {{"then"}});
              }).find("pivot by column 'year': expected int64, got \"then\""),
              std::string::npos);
    EXPECT_NE(error_message([&] {
                  pivot(table, {"city"}, "n", "sum(n)", {{}, 5});
              }).find("expected at most 5 different values in column 'n', got 6"),
              std::string::npos);
    EXPECT_NE(error_message([&] {
                  pivot(table, {"city"}, "yaer", "sum(n)");
              }).find("no column 'yaer' (did you mean 'year'?)"),
              std::string::npos);
}

TEST(Pivot, AgreesWithTheObviousWay) {
    SharedFolder folder(world());
    RandomStream random(37);
    std::string text = "k,v,n\n";
    std::map<std::uint64_t, std::map<std::uint64_t, std::int64_t>> sums;
    for (std::int64_t row = 0; row < 1500; ++row) {
        auto const k = random.below(40), v = random.below(9);
        text += fmt::format("{},{},{}\n", k, v, row);
        sums[k][v] += row;
    }
    write_file(folder.file("x.csv"), text);
    for (auto const& context : {test::threaded(), test::tight()}) {
        Table const table = read_csv(context, folder.file("x.csv"), tiny_parts(2000, 500));
        Block const rows = sort(pivot(table, {"k"}, "v", "sum(n)"), parse_sort_keys("k")).collect();
        ASSERT_EQ(rows.rows(), static_cast<std::int64_t>(sums.size()));
        std::int64_t row = 0;
        for (auto const& [k, of_values] : sums) {
            EXPECT_EQ(rows.column("k").values<std::int64_t>()[row], static_cast<std::int64_t>(k));
            for (std::uint64_t v = 0; v < 9; ++v) {
                Column const& column = rows.column(std::to_string(v));
                auto const sum = of_values.find(v);
                ASSERT_EQ(column.is_null(row), sum == of_values.end());
                if (sum != of_values.end()) {
                    EXPECT_EQ(column.values<std::int64_t>()[row], sum->second);
                }
            }
            ++row;
        }
    }
}

}  // namespace
}  // namespace partita::frame::pivot_test
