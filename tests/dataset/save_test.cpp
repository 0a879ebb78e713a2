#include "dataset/contexts.hpp"
#include "support/error_message.hpp"
#include "support/shared_folder.hpp"

#include "partita/core/file.hpp"
#include "partita/core/random.hpp"
#include "partita/dataset/read_binary.hpp"
#include "partita/dataset/read_csv_rows.hpp"
#include "partita/dataset/read_hdf5.hpp"
#include "partita/dataset/sources.hpp"

#include <cmath>
#include <filesystem>
#include <optional>
#include <string>

#include <gmock/gmock.h>

using namespace partita;
using namespace partita::test;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

struct Sale {
    std::string city;
    std::int64_t amount = 0;
    std::optional<double> rate;
};

Sale sale_at(std::int64_t i) {
    std::string const cities[] = {"Ulm", "a,b", "say \"x\"", "", "Bad Ems", " x"};
    return {cities[i % 6], i,
            i % 4 == 0 ? std::nullopt : std::optional(static_cast<double>(i) / 8)};
}
std::string csv_of_sales(std::int64_t n) {
    std::string const cities[] = {"Ulm", "\"a,b\"", "\"say \"\"x\"\"\"", "", "Bad Ems", "\" x\""};
    std::string text = "city,amount,rate\n";
    for (std::int64_t i = 0; i < n; ++i)
        text += fmt::format("{},{},{}\n", cities[i % 6], i,
                            i % 4 == 0 ? "" : fmt::format("{}", static_cast<double>(i) / 8));
    return text;
}

struct Save : testing::Test {
    SharedFolder folder{Communicator::world()};
    std::string out = folder.file("out");
    dataset::SaveOptions const overwrite{.overwrite = true};

    /// What every rank then sees.
    std::string text(std::string const& path) {
        Communicator::world().barrier();
        return read_text_file(path);
    }
};

TEST_F(Save, WritesCsvInGlobalOrderInAnyMemory) {
    for (auto const& context : {roomy(), tight(), threaded()}) {
        for (std::int64_t const n : {0, 1, 7, 30000}) {
            dataset::generate(context, n, sale_at)
                .save_csv(out, {"city", "amount", "rate"}, overwrite);
            EXPECT_TRUE(text(out) == csv_of_sales(n)) << n;
        }
    }
    auto const context = roomy();
    using Back = std::tuple<std::string, std::int64_t, std::optional<double>>;
    auto const back = dataset::read_csv_rows<Back>(context, out).collect();
    ASSERT_EQ(back.size(), 30000u);
    EXPECT_EQ(std::get<0>(back[2]), "say \"x\"");
    EXPECT_EQ(std::get<2>(back[3]), 3.0 / 8);
}

TEST_F(Save, SpillsWhatDoesNotFit) {
    dataset::Context const context = tight();
    auto const long_line = [](std::int64_t i) {
        RandomStream random(3, static_cast<std::uint64_t>(i));
        std::string line;  // of random letters: compressed, it still takes room
        while (line.size() < 1000) line += static_cast<char>('!' + random.below(90));
        return line;
    };
    dataset::generate(context, 20000, long_line).save_text(out);
    std::int64_t const spilled =
        Communicator::world().all_reduce(context.traffic().bytes_spilled, Reduce::sum);
    EXPECT_GT(spilled, 1 << 20);
    std::string const found = text(out);
    ASSERT_EQ(found.size(), 20000u * 1001);
    for (std::size_t i : {0u, 1u, 9999u, 19999u})
        EXPECT_EQ(found.substr(i * 1001, 1001), long_line(static_cast<std::int64_t>(i)) + "\n");
}

TEST_F(Save, WritesTextsAndNumbersAsLines) {
    auto const context = roomy();
    dataset::range(context, 0, 5).save_text(out);
    EXPECT_EQ(text(out), "0\n1\n2\n3\n4\n");
    auto const ranges = dataset::range(context, 0, 3);
    ranges.union_with(dataset::range(context, 7, 9)).save_text(out, overwrite);
    EXPECT_EQ(text(out), "0\n1\n2\n7\n8\n");
    auto const pairs = dataset::parallelize(
        context, std::vector<std::pair<std::string, double>>{{"a", 0.1}, {"b\tc", -1e300}});
    pairs.save_csv(folder.file("x.tsv"), {}, overwrite);
    EXPECT_EQ(text(folder.file("x.tsv")), "a\t0.1\n\"b\tc\"\t-1e+300\n");
}

TEST_F(Save, WritesHdf5ThatReadsBack) {
    for (auto const& context : {roomy(), tight()}) {
        for (std::int64_t const n : {0, 1, 20000}) {
            dataset::generate(context, n, sale_at)
                .save_hdf5(out, {"city", "amount", "rate"}, overwrite);
            using Back = std::tuple<std::string, std::int64_t, double>;
            auto const back =
                dataset::read_hdf5<Back>(context, out, {"city", "amount", "rate"}).collect();
            ASSERT_EQ(static_cast<std::int64_t>(back.size()), n);
            bool same = true;
            for (std::int64_t i = 0; i < n; ++i) {
                auto const& [city, amount, rate] = back[static_cast<std::size_t>(i)];
                Sale const sale = sale_at(i);
                same &= city == sale.city && amount == i &&
                        (sale.rate ? rate == *sale.rate : std::isnan(rate));
            }
            EXPECT_TRUE(same) << n;
        }
    }
}

TEST_F(Save, ReadsHdf5AsTextsOrOneColumn) {
    auto const context = roomy();
    dataset::generate(context, 3, sale_at).save_hdf5(out, {"city", "amount", "rate"});
    auto const columns = std::make_shared<dataset::Hdf5Columns const>(
        context, out, std::vector<std::string>{"rate", "amount", "city"});
    using Row = std::vector<std::string>;
    EXPECT_THAT(
        dataset::rows_of(context, columns).collect(),
        ElementsAre(Row{"", "0", "Ulm"}, Row{"0.125", "1", "a,b"}, Row{"0.25", "2", "say \"x\""}));
    EXPECT_THAT(dataset::read_hdf5<std::int32_t>(context, out, {"amount"}).collect(),
                ElementsAre(0, 1, 2));
    EXPECT_THAT(error_message([&] { dataset::read_hdf5<double>(context, out, {"rat"}); }),
                HasSubstr("did you mean"));
    EXPECT_THAT(error_message([&] { dataset::read_hdf5<double>(context, out, {"city"}).count(); }),
                HasSubstr("expected numbers, got texts"));
}

TEST_F(Save, WritesBinaryThatReadsBack) {
    for (auto const& context : {roomy(), tight()}) {
        for (std::int64_t const n : {0, 1, 30000}) {
            auto const pairs =
                dataset::generate(context, n, [](std::int64_t i) { return pair_at(i, 100); });
            pairs.save_binary(out, overwrite);
            EXPECT_TRUE(dataset::read_binary<Pair>(context, out).collect() == pairs.collect());
        }
    }
    auto const context = roomy();
    dataset::range(context, 0, 3).save_binary(out, overwrite);
    EXPECT_EQ(error_message([&] { dataset::read_binary<Pair>(context, out); }),
              out + ": expected a multiple of 16 bytes, got 24");
}

TEST_F(Save, KeepsAnOldFileUnlessTold) {
    auto const context = roomy();
    dataset::range(context, 0, 3).save_text(out);
    EXPECT_THAT(error_message([&] { dataset::range(context, 5, 6).save_text(out); }),
                HasSubstr("exists"));
    auto const failing = dataset::range(context, 0, 100).map([](std::int64_t i) {
        if (i == 50) throw Error("bad element");
        return i;
    });
    EXPECT_THAT(error_message([&] { failing.save_text(out, overwrite); }),
                AllOf(HasSubstr("range | map | save_text: "), HasSubstr("bad element")));
    EXPECT_EQ(text(out), "0\n1\n2\n");
    EXPECT_THAT(error_message([&] {
                    dataset::generate(context, 3, sale_at).save_csv(folder.file("x.csv"), {"one"});
                }),
                HasSubstr("expected 1 fields, as there are names, got 3"));
    Communicator::world().barrier();
    EXPECT_FALSE(std::filesystem::exists(folder.file("x.csv")));
}

}  // namespace
