// Groups that are folded where their rows lie, and what of them is sent in which pieces.

#include "frame/group/keys.hpp"
#include "frame/group/partition_runs.hpp"
#include "frame/group/scatter.hpp"
#include "frame/tables.hpp"
#include "support/shared_folder.hpp"

#include "partita/core/random.hpp"
#include "partita/frame/aggregate.hpp"
#include "partita/frame/make_column.hpp"
#include "partita/frame/wide.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <vector>

#include <gtest/gtest.h>

namespace partita::frame::fold_test {
namespace {

using test::file_text;
using test::SharedFolder;

Communicator world() { return Communicator::world(); }

struct Row {
    std::int64_t key, value;
};

struct Group {
    std::int64_t key, first, rows = 0, sum = 0;
    std::uint64_t hash = 0;
};

std::string csv_of(std::vector<Row> const& rows) {
    std::string text = "key,value\n";
    for (Row const& row : rows) text += fmt::format("{},{}\n", row.key, row.value);
    return text;
}

/// In the order of results: by partition, which upper bits of hashes tell, then by first row.
std::vector<Group> groups_of(std::vector<Row> const& rows, std::int64_t partitions) {
    std::map<std::int64_t, std::size_t> numbers;
    std::vector<Group> groups;
    for (Row const& row : rows) {
        auto const [at, is_new] = numbers.try_emplace(row.key, groups.size());
        if (is_new) groups.push_back({row.key, row.value});
        ++groups[at->second].rows;
        groups[at->second].sum += row.value;
    }
    for (Group& group : groups) {
        Column const key = make_column(std::vector<std::int64_t>{group.key});
        hash_rows({&key, 1}, 1, &group.hash);
    }
    std::stable_sort(groups.begin(), groups.end(), [&](Group const& a, Group const& b) {
        return partition_of(a.hash, partitions) < partition_of(b.hash, partitions);
    });
    return groups;
}

/// `rows` rows whose keys are below `keys`.
void add_rows(std::vector<Row>& rows, std::int64_t count, std::uint64_t keys) {
    RandomStream random(keys);
    for (std::int64_t i = 0; i < count; ++i)
        rows.push_back({static_cast<std::int64_t>(random.below(keys)) - 3,
                        static_cast<std::int64_t>(random.below(2000)) - 1000});
}

void expect_groups(std::vector<Row> const& rows, std::int64_t partition_bytes) {
    SharedFolder folder(world());
    test::write_file(folder.file("x.csv"), csv_of(rows));
    for (auto const& context : {test::roomy(), test::threaded(), test::tight()}) {
        Table const table = read_csv(context, folder.file("x.csv"),
                                     test::tiny_parts(partition_bytes, partition_bytes / 3));
        Table const result = group_by(table, {"key"}).agg("count(), sum(value), first(value)");
        std::string expected = "key,count,sum_value,first_value\n";
        for (Group const& group : groups_of(rows, result.num_partitions()))
            expected += fmt::format("{},{},{},{}\n", group.key, group.rows, group.sum, group.first);
        CsvWriteOptions options;
        options.overwrite = true;
        write_csv(result, folder.file("y.csv"), options);
        EXPECT_TRUE(file_text(folder.file("y.csv")) == expected)
            << rows.size() << " rows with memory of " << context.memory_bytes();
        world().barrier();
    }
}

TEST(FoldedGroups, OfAFewKeysComeByPartitionAndFirstRow) {
    std::vector<Row> rows;
    add_rows(rows, 4000, 5);
    expect_groups(rows, 3000);
    rows.clear();
    add_rows(rows, 20'000, 300);
    expect_groups(rows, 9000);
}

/// Some partitions have so few groups that these wait for the others', and others do not.
TEST(FoldedGroups, OfFewAndManyKeysComeByPartitionAndFirstRow) {
    std::vector<Row> rows;
    add_rows(rows, 7000, 40);
    add_rows(rows, 14'000, 30'000);
    expect_groups(rows, 60'000);
}

/// Each partition has few groups, but all together have more than fit the memory at once.
TEST(FoldedGroups, OfWhichAllPartitionsHaveOthersComeByPartitionAndFirstRow) {
    std::vector<Row> rows;
    for (std::int64_t i = 0; i < 60'000; ++i) rows.push_back({i / 2 * 999'983 % 1'000'003, i});
    expect_groups(rows, 10'000);
}

/// So many groups that folding ends within the partition: rows that are sent come after it.
TEST(FoldedGroups, ComeBeforeRowsThatAreSent) {
    std::vector<Row> rows;
    for (std::int64_t i = 0; i < 40'000; ++i) rows.push_back({i + 10, i});
    rows[100].key = rows[32'800].key = 5;
    expect_groups(rows, 4 << 20);
}

TEST(HashRows, TellsNullsFromValuesAndNotEqualFloatsFromEachOther) {
    std::uint8_t const marks[] = {0, 1, 0};
    std::int64_t const zeros[] = {0, 0, 0};
    Column const numbers(Type::int64, 3, zeros, marks, nullptr);
    std::uint64_t hashes[4];
    hash_rows({&numbers, 1}, 3, hashes);
    EXPECT_EQ(hashes[0], hashes[2]);
    EXPECT_NE(hashes[0], hashes[1]);
    double const nan = std::numeric_limits<double>::quiet_NaN();
    Column const floats = make_column(std::vector<double>{0.0, -0.0, nan, -nan});
    hash_rows({&floats, 1}, 4, hashes);
    EXPECT_EQ(hashes[0], hashes[1]);
    EXPECT_EQ(hashes[2], hashes[3]);
    EXPECT_NE(hashes[0], hashes[2]);
}

TEST(PartitionRuns, AreOfOneRankAndLeaveNoPartitionOut) {
    dataset::Context const context = test::roomy();
    for (std::int64_t const width : {1, 4, 64}) {
        PartitionRuns const runs(context, 64, width);
        std::int64_t next = context.local_partitions(64).first;
        for (RowRange const& run : runs.local()) {
            EXPECT_EQ(run.first, next);
            EXPECT_GE(run.size(), 1);
            EXPECT_LE(run.size(), width);
            for (std::int64_t p = run.first; p < run.last; ++p)
                EXPECT_EQ(runs.run_of(p), run.first);
            next = run.last;
        }
        EXPECT_EQ(next, context.local_partitions(64).last);
        for (std::int64_t p = 0; p < 64; ++p)
            EXPECT_EQ(context.owner_of(runs.run_of(p), 64), context.owner_of(p, 64));
    }
}

TEST(PartitionRuns, AreWideForSmallPieces) {
    EXPECT_EQ(PartitionRuns::width_for(64, 64, 64 * 1000), 8);
    EXPECT_EQ(PartitionRuns::width_for(512, 500, 500 * 1000), 64);
    EXPECT_EQ(PartitionRuns::width_for(64, 10, 10 * 64 * 50), 4);
    EXPECT_EQ(PartitionRuns::width_for(64, 10, 10 * 64 * 128), 1);
    EXPECT_EQ(PartitionRuns::width_for(64, 0, 0), 1);
    EXPECT_EQ(PartitionRuns::width_for(1, 3, 3), 1);
}

}  // namespace
}  // namespace partita::frame::fold_test
