#include "partita/frame/grouped_map.hpp"

#include "frame/tables.hpp"
#include "support/error_message.hpp"
#include "support/shared_folder.hpp"

#include "partita/core/random.hpp"
#include "partita/frame/make_column.hpp"

#include <algorithm>
#include <map>
#include <new>
#include <stdexcept>

#include <gtest/gtest.h>

namespace partita::frame::grouped_map_test {
namespace {

using test::error_message;
using test::file_text;
using test::SharedFolder;
using test::tiny_parts;
using test::write_file;

Communicator world() { return Communicator::world(); }

/// "key,name,n": rows numbered by n; `heavy` of ten have the key 0; some keys are null.
std::string random_csv(std::int64_t rows, std::int64_t keys, std::uint64_t heavy) {
    std::string text = "key,name,n\n";
    RandomStream random(29);
    for (std::int64_t n = 0; n < rows; ++n) {
        auto const key = random.below(static_cast<std::uint64_t>(keys));
        bool const common = random.below(10) < heavy;
        bool const null = random.below(15) == 0;
        text += (null ? std::string() : std::to_string(common ? 0 : key)) + ",name" +
                std::to_string(random.below(3)) + "," + std::to_string(n) + "\n";
    }
    return text;
}

/// A row for each group: its keys, and its row numbers as text, in order.
Block numbers_in(std::shared_ptr<Schema const> const& schema, Block const& group, bool by_name) {
    std::string numbers;
    for (std::int64_t row = 0; row < group.rows(); ++row)
        numbers += std::to_string(group.column("n").values<std::int64_t>()[row]) + " ";
    std::vector<Column> columns{group.column("key").slice(0, 1)};
    if (by_name) columns.push_back(group.column("name").slice(0, 1));
    columns.push_back(make_column(std::vector<std::string>{numbers}));
    return {schema, std::move(columns)};
}

/// The same from the file, with a map; keys and numbers, sorted.
std::vector<std::string> expected_groups(std::string const& csv, bool by_name) {
    std::map<std::string, std::string> groups;
    std::size_t at = csv.find('\n') + 1;
    while (at < csv.size()) {
        std::size_t const end = csv.find('\n', at);
        std::string const line = csv.substr(at, end - at);
        std::size_t const first = line.find(','), last = line.rfind(',');
        groups[by_name ? line.substr(0, last) : line.substr(0, first)] +=
            line.substr(last + 1) + " ";
        at = end + 1;
    }
    std::vector<std::string> lines;
    for (auto const& [key, numbers] : groups) lines.push_back(key + "," + numbers);
    std::sort(lines.begin(), lines.end());
    return lines;
}

std::vector<std::string> sorted_lines(std::string const& csv) {
    std::vector<std::string> lines;
    std::size_t at = csv.find('\n') + 1;
    for (std::size_t end; at < csv.size(); at = end + 1) {
        end = csv.find('\n', at);
        lines.push_back(csv.substr(at, end - at));
    }
    std::sort(lines.begin(), lines.end());
    return lines;
}

TEST(GroupedMap, EachGroupReachesOneCallInTheTablesOrder) {
    SharedFolder folder(world());
    for (auto const& [keys, heavy] : {std::pair{10, 0}, std::pair{900, 0}, std::pair{40, 9}}) {
        std::string const csv = random_csv(2500, keys, static_cast<std::uint64_t>(heavy));
        write_file(folder.file("x.csv"), csv);
        for (bool const by_name : {false, true}) {
            auto const schema = std::make_shared<Schema const>(Schema::parse(
                by_name ? "key:int64, name:string, ns:string" : "key:int64, ns:string"));
            std::vector<std::string> by{"key"};
            if (by_name) by.push_back("name");
            std::string text;
            for (auto const& context : {test::roomy(), test::threaded(), test::tight()}) {
                Table const table = read_csv(context, folder.file("x.csv"), tiny_parts(3000, 700));
                Table const mapped = apply_in_groups(table, by, *schema, [=](Block const& group) {
                    return numbers_in(schema, group, by_name);
                });
                CsvWriteOptions options;
                options.overwrite = true;
                write_csv(mapped, folder.file("y.csv"), options);
                std::string const written = file_text(folder.file("y.csv"));
                if (text.empty()) {
                    EXPECT_EQ(sorted_lines(written), expected_groups(csv, by_name));
                    text = written;
                }
                EXPECT_EQ(written, text);  // whatever threads and memory
                world().barrier();
            }
        }
    }
}

/// Texts of `bytes` bytes, `rows` of each key.
std::string long_texts(std::int64_t keys, std::int64_t rows, std::size_t bytes) {
    std::string text = "key,text\n";
    for (std::int64_t i = 0; i < keys * rows; ++i)
        text += std::to_string(i % keys) + "," +
                std::string(bytes, static_cast<char>('a' + i % 7)) + "\n";
    return text;
}

Block count_rows(Block const& group) {
    return {
        Schema::parse("key:int64, rows:int64"),
        {group.column("key").slice(0, 1), make_column(std::vector<std::int64_t>{group.rows()})}};
}

TEST(GroupedMap, GroupsLargerThanAThreadsShareRunAlone) {
    SharedFolder folder(world());
    // With 1 MiB of memory and 3 threads, a thread's share is 28 KiB and a group may take 256.
    write_file(folder.file("x.csv"), long_texts(5, 200, 600));
    Table const table =
        read_csv(test::context_with(1 << 20, 3), folder.file("x.csv"), tiny_parts(20000, 5000));
    Table const mapped =
        apply_in_groups(table, {"key"}, Schema::parse("key:int64, rows:int64"), count_rows);
    Block const rows = mapped.collect();
    ASSERT_EQ(rows.rows(), 5);
    for (std::int64_t row = 0; row < 5; ++row)
        EXPECT_EQ(rows.column("rows").values<std::int64_t>()[row], 200);
}

TEST(GroupedMap, AGroupThatIsTooLargeIsNamed) {
    SharedFolder folder(world());
    write_file(folder.file("x.csv"), long_texts(2, 600, 600));
    Table const table = read_csv(test::tight(), folder.file("x.csv"), tiny_parts(20000, 5000));
    std::string const message = error_message([&] {
        apply_in_groups(table, {"key"}, Schema::parse("key:int64, rows:int64"), count_rows)
            .collect();
    });
    EXPECT_NE(message.find("the group key = "), std::string::npos) << message;
    EXPECT_NE(message.find("at most 256 KiB, a quarter of the memory, can be given to one"),
              std::string::npos)
        << message;
}

TEST(GroupedMap, FewGroupsAreSpreadEvenly) {
    SharedFolder folder(world());
    write_file(folder.file("x.csv"), long_texts(7, 3, 5));
    Table const table = read_csv(test::roomy(), folder.file("x.csv"));
    std::int64_t calls = 0;
    apply_in_groups(table, {"key"}, Schema::parse("key:int64, rows:int64"),
                    [&](Block const& group) {
                        ++calls;
                        return count_rows(group);
                    })
        .plan()
        .prepare();
    EXPECT_LE(calls, 7 / world().size() + 1);
    EXPECT_EQ(world().all_reduce(calls, Reduce::sum), 7);
}

TEST(GroupedMap, NoKeysMakeOneGroupAndNoRowsNone) {
    SharedFolder folder(world());
    write_file(folder.file("x.csv"), "key,n\n1,1\n2,2\n3,3\n");
    Table const table = read_csv(test::roomy(), folder.file("x.csv"), tiny_parts(4, 4));
    Schema const schema = Schema::parse("rows:int64");
    GroupFunction const rows_of = [schema](Block const& group) {
        return Block(schema, {make_column(std::vector<std::int64_t>{group.rows()})});
    };
    Block const all = apply_in_groups(table, {}, schema, rows_of).collect();
    ASSERT_EQ(all.rows(), 1);
    EXPECT_EQ(all.column(0).values<std::int64_t>()[0], 3);
    Table const none = table.filter("n > 5");
    EXPECT_EQ(apply_in_groups(none, {"key"}, schema, rows_of).rows(), 0);
    EXPECT_EQ(apply_in_groups(none, {}, schema, rows_of).rows(), 0);
}

TEST(GroupedMap, FailuresNameTheGroup) {
    SharedFolder folder(world());
    write_file(folder.file("x.csv"), "city,n\nOslo,1\nRome,2\n,3\n");
    Table const table = read_csv(test::roomy(), folder.file("x.csv"));
    Schema const schema = Schema::parse("city:string, n:int64");
    auto const message = [&](GroupFunction const& fn) {
        return error_message([&] { apply_in_groups(table, {"city"}, schema, fn).collect(); });
    };
    auto const on = [](char const* city, Block const& group) {
        return !group.column("city").is_null(0) && group.column("city").text(0) == city;
    };
    EXPECT_NE(message([&](Block const& group) {
                  if (on("Rome", group)) throw std::runtime_error("no fit");
                  return group;
              }).find("apply_in_groups: the group city = 'Rome': no fit"),
              std::string::npos);
    EXPECT_NE(message([&](Block const& group) {
                  if (on("Oslo", group)) throw 42;
                  return group;
              }).find("the group city = 'Oslo': the function threw something"),
              std::string::npos);
    EXPECT_NE(message([&](Block const& group) {
                  if (on("Oslo", group)) throw std::bad_alloc();
                  return group;
              }).find("the group city = 'Oslo': the function ran out of memory"),
              std::string::npos);
    EXPECT_NE(message([&](Block const& group) { return on("Rome", group) ? Block() : group; })
                  .find("the group city = 'Rome': expected a result with columns city:string, "
                        "n:int64, got none"),
              std::string::npos);
    std::string const other = message([&](Block const& group) {
        if (!group.column("city").is_null(0)) return group;
        return Block(Schema::parse("town:string, n:int64"), {group.column(0), group.column(1)});
    });
    EXPECT_NE(other.find("the group city is null: expected a result with columns city:string, "
                         "n:int64, got town:string, n:int64"),
              std::string::npos)
        << other;
    EXPECT_NE(error_message([&] {
                  apply_in_groups(table, {"citty"}, schema, [](Block const& g) { return g; });
              }).find("no column 'citty' (did you mean 'city'?)"),
              std::string::npos);
}

TEST(MapBatches, WorksOnRowsAndSaysWhatIsWrong) {
    SharedFolder folder(world());
    write_file(folder.file("x.csv"), "a\n1\n2\n3\n4\n5\n");
    Table const table = read_csv(test::roomy(), folder.file("x.csv"), tiny_parts(4, 2));
    Schema const schema = Schema::parse("a:int64, half:float64");
    Block const rows =
        table
            .map_batches(schema,
                         [schema](Block const& block) {
                             std::vector<double> halves = numbers_of(block.column(0));
                             for (double& x : halves) x /= 2;
                             return Block(schema, {block.column(0), make_column(halves)});
                         })
            .collect();
    ASSERT_EQ(rows.rows(), 5);
    EXPECT_EQ(rows.column("half").values<double>()[4], 2.5);
    EXPECT_NE(error_message([&] {
                  table.map_batches(schema, [](Block const& block) { return block; }).collect();
              })
                  .find("read_csv | map_batches | collect: expected columns a:int64, half:float64, "
                        "got a:int64"),
              std::string::npos);
    EXPECT_NE(
        error_message([&] {
            table.map_batches(schema, [](Block const&) -> Block { throw std::runtime_error("oh"); })
                .collect();
        }).find("oh"),
        std::string::npos);
}

}  // namespace
}  // namespace partita::frame::grouped_map_test
