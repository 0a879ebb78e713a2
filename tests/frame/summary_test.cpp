#include "partita/frame/summary.hpp"

#include "frame/tables.hpp"
#include "support/error_message.hpp"
#include "support/shared_folder.hpp"

#include "partita/core/random.hpp"
#include "partita/frame/aggregate.hpp"
#include "partita/frame/from_block.hpp"
#include "partita/frame/make_column.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace partita::frame::summary_test {
namespace {

using test::error_message;
using test::SharedFolder;
using test::tiny_parts;
using test::write_file;

Communicator world() { return Communicator::world(); }

/// Interpolated between neighbours of the sorted values.
double quantile(std::vector<double> values, double fraction) {
    std::sort(values.begin(), values.end());
    double const place = fraction * static_cast<double>(values.size() - 1);
    auto const below = static_cast<std::size_t>(place);
    double const part = place - static_cast<double>(below);
    return part == 0 ? values[below] : values[below] + part * (values[below + 1] - values[below]);
}

TEST(Quantiles, AreExactForAnyDistributionRanksAndMemory) {
    SharedFolder folder(world());
    RandomStream random(31);
    std::vector<double> values[5];
    std::string text = "tiny,huge,equal,few,integer\n";
    for (int row = 0; row < 1500; ++row) {
        values[0].push_back(random.normal() * 1e-300);
        values[1].push_back(std::exp(random.normal() * 200) * (random.below(2) == 0 ? -1 : 1));
        values[2].push_back(-7.25);
        values[3].push_back(static_cast<double>(random.below(3)) - 1);
        values[4].push_back(static_cast<double>(random.below(1'000'000)) - 500'000);
        text += fmt::format("{},{},{},{},{}\n", values[0].back(), values[1].back(),
                            values[2].back(), values[3].back(), values[4].back());
    }
    write_file(folder.file("x.csv"), text);
    std::vector<double> const fractions{0, .001, .25, .5, .75, .9999, 1};
    for (auto const& context : {test::roomy(), test::threaded(), test::tight()}) {
        Table const table = read_csv(context, folder.file("x.csv"), tiny_parts(6000, 1500));
        auto const found = quantiles(table, {"tiny", "huge", "equal", "few", "integer"}, fractions);
        for (std::size_t c = 0; c < 5; ++c)
            for (std::size_t f = 0; f < fractions.size(); ++f)
                EXPECT_EQ(found[c][f], quantile(values[c], fractions[f]))
                    << c << " " << fractions[f];
    }
}

TEST(Quantiles, KnowNullsNansAndInfinities) {
    double const inf = std::numeric_limits<double>::infinity();
    Block const rows(Schema::parse("x:float64, s:string"),
                     {make_column(std::vector<double>{inf, NAN, -inf, 1, -0.0}),
                      make_column(std::vector<std::string>(5, "a"))});
    Table const table = from_block(test::roomy(), rows);
    auto const found = quantiles(table, {"x"}, {0, .25, .5, .75, 1});
    EXPECT_EQ(found[0][0], -inf);
    EXPECT_EQ(found[0][1], 0);
    EXPECT_EQ(found[0][2], 1);
    EXPECT_EQ(found[0][3], inf);
    EXPECT_TRUE(std::isnan(found[0][4]));  // the largest
    // Between two equal infinities, where interpolation would have none.
    Table const largest = table.filter("x > 1 and not is_nan(x)");
    EXPECT_EQ(quantiles(largest.union_with(largest), {"x"}, {.5})[0][0], inf);
    EXPECT_TRUE(std::isnan(quantiles(table.filter("false"), {"x"}, {.5})[0][0]));
    EXPECT_NE(error_message([&] {
                  quantiles(table, {"s"}, {.5});
              }).find("expected columns of numbers, got 's', which is string"),
              std::string::npos);
    EXPECT_NE(error_message([&] { quantiles(table, {"x"}, {1.5}); }).find("got 1.5"),
              std::string::npos);
}

TEST(Describe, AgreesWithAggregatesAndLeavesOutWhatIsNotThere) {
    SharedFolder folder(world());
    write_file(folder.file("x.csv"),
               "i,x,s,b,none\n3,1.5,a,true,\n1,,b,false,\n,2.5,,true,\n8,4,d,,\n");
    CsvOptions options = tiny_parts(10, 10);
    options.schema = "none:float64";
    Table const table = read_csv(test::tight(), folder.file("x.csv"), options);
    Block const found = describe(table);
    ASSERT_EQ(found.rows(), 5);
    auto const is = [&](std::int64_t row, char const* figure, double value) {
        ASSERT_FALSE(found.column(figure).is_null(row)) << figure << row;
        EXPECT_DOUBLE_EQ(found.column(figure).values<double>()[row], value) << figure << row;
    };
    EXPECT_EQ(found.column("column").text(2), "s");
    EXPECT_EQ(found.column("type").text(3), "bool");
    std::int64_t const counts[] = {3, 3, 3, 3, 0};
    for (std::int64_t row = 0; row < 5; ++row) {
        EXPECT_EQ(found.column("count").values<std::int64_t>()[row], counts[row]);
        EXPECT_EQ(found.column("nulls").values<std::int64_t>()[row], 4 - counts[row]);
    }
    is(0, "mean", 4);
    is(0, "stddev", std::sqrt(13));
    is(0, "min", 1);
    is(0, "q25", 2);
    is(0, "median", 3);
    is(0, "q75", 5.5);
    is(0, "max", 8);
    is(1, "q25", 2);
    is(1, "q75", 3.25);
    is(3, "mean", 2.0 / 3);
    for (std::int64_t const row : {2, 4})
        for (char const* figure : {"mean", "stddev", "min", "q25", "median", "q75", "max"})
            EXPECT_TRUE(found.column(figure).is_null(row)) << figure << row;
    EXPECT_EQ(describe(table, {"x"}).rows(), 1);
}

}  // namespace
}  // namespace partita::frame::summary_test
