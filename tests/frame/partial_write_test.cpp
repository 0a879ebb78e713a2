#include "partita/frame/partial_write.hpp"

#include "frame/tables.hpp"
#include "support/error_message.hpp"
#include "support/shared_folder.hpp"

#include "partita/comm/stop.hpp"
#include "partita/core/scratch.hpp"
#include "partita/core/unfinished.hpp"
#include "partita/frame/hdf5.hpp"

#include <atomic>
#include <csignal>
#include <filesystem>

#include <gtest/gtest.h>

namespace partita::frame::partial_write_test {
namespace {

namespace fs = std::filesystem;
using test::file_text;
using test::SharedFolder;
using test::tiny_parts;
using test::write_file;

Communicator world() { return Communicator::world(); }

std::string rows_text(std::int64_t rows) {
    std::string text = "i,s,n\n";
    for (std::int64_t i = 0; i < rows; ++i)
        text += std::to_string(i) + ",s" + std::to_string(i * i) + "," +
                (i % 3 == 0 ? "" : std::to_string(i % 7)) + "\n";
    return text;
}

class PartialWriteTest : public testing::Test {
  protected:
    PartialWriteTest() : folder_(world()) {}

    Table read(dataset::Context const& context, std::int64_t rows) {
        write_file(folder_.file("x.csv"), rows_text(rows));
        CsvOptions options = tiny_parts(300, 70);
        options.schema = "i:int64, s:string, n:int64";
        return read_csv(context, folder_.file("x.csv"), options);
    }

    io::PartialOutput::Options options(bool resume) const {
        io::PartialOutput::Options options;
        options.overwrite = true;
        options.resume = resume;
        options.seconds_between_records = 0;
        return options;
    }

    std::int64_t write(Table const& table, std::string const& name, bool resume = false) {
        io::PartialOutput partial(world(), folder_.file(name), options(resume));
        if (resume) done_before_ = partial.done();
        return name.ends_with(".csv") ? write_csv(table, partial)
                                      : write_hdf5(table, partial, "rows");
    }

    /// What this process has left, as if another one had, which has ended.
    void leave(std::string const& name) {
        world().barrier();
        if (world().is_root()) {
            std::string const own = unfinished_path(folder_.file(name), ".partial");
            std::string const tag = process_tag();
            std::string dead = own;
            dead.replace(dead.find(tag), tag.size(), tag.substr(0, tag.rfind('-')) + "-1");
            fs::rename(own, dead);
        }
        world().barrier();
    }

    SharedFolder folder_;
    std::int64_t done_before_ = 0;
};

TEST_F(PartialWriteTest, TheFilesAreThoseOfTheOtherWriters) {
    for (std::int64_t const rows : {0, 1, 200})
        for (auto const& context : {test::roomy(), test::tight(), test::threaded()}) {
            Table const table = read(context, rows);
            CsvWriteOptions overwrite;
            overwrite.overwrite = true;
            write_csv(table, folder_.file("a.csv"), overwrite);
            write_hdf5(table, folder_.file("a.h5") + ":/rows", true);
            for (std::string const kind : {".csv", ".h5"}) {
                EXPECT_EQ(write(table, "b" + kind), rows);
                EXPECT_EQ(file_text(folder_.file("b" + kind)), file_text(folder_.file("a" + kind)));
                world().barrier();
            }
        }
}

TEST_F(PartialWriteTest, WhatWasStoppedGoesOnBehindWhatIsDone) {
    for (auto const& context : {test::roomy(), test::threaded()})
        for (std::string const kind : {".csv", ".h5"}) {
            Table const table = read(context, 400);
            write(table, "whole" + kind);
            std::atomic<std::int64_t> blocks = 0;
            Table const slow = table.map_batches(table.schema(), [&](Block const& block) {
                // Wherever the first rows are computed, that rank is asked to stop.
                if (block.rows() > 0 && block.columns()[0].values<std::int64_t>()[0] == 0)
                    std::raise(SIGUSR1);
                ++blocks;
                return block;
            });
            {
                StopSignals const signals;
                EXPECT_THROW(write(slow, "out" + kind), Stopped);
                leave("out" + kind);
            }
            EXPECT_FALSE(fs::exists(folder_.file("out" + kind)));
            blocks = 0;
            EXPECT_EQ(write(slow, "out" + kind, true), 400);
            EXPECT_GT(done_before_, 0);
            EXPECT_LE(done_before_, table.num_partitions());
            // A partition is computed by one rank, and those that were done are not computed again.
            std::int64_t const least = table.num_partitions() - done_before_;
            EXPECT_GE(world().all_reduce(blocks.load(), Reduce::sum), least);
            if (done_before_ == table.num_partitions()) {
                EXPECT_EQ(world().all_reduce(blocks.load(), Reduce::sum), 0);
            }
            EXPECT_EQ(file_text(folder_.file("out" + kind)),
                      file_text(folder_.file("whole" + kind)));
            world().barrier();
            if (world().is_root()) fs::remove(folder_.file("out" + kind));
            world().barrier();
        }
}

TEST_F(PartialWriteTest, AFailureIsOneErrorOnAllRanksAndLeavesNothing) {
    Table const table = read(test::roomy(), 200);
    Table const bad = table.map_batches(table.schema(), [](Block const& block) {
        for (std::int64_t row = 0; row < block.rows(); ++row)
            check(block.columns()[0].values<std::int64_t>()[row] != 150, "row 150 is bad");
        return block;
    });
    std::string const message = test::error_message([&] { write(bad, "out.csv"); });
    EXPECT_NE(message.find("write_csv: row 150 is bad"), std::string::npos) << message;
    world().barrier();
    for (auto const& entry : fs::directory_iterator(folder_.path()))
        EXPECT_EQ(entry.path().filename(), "x.csv");
    world().barrier();
    EXPECT_EQ(write(table, "out.csv"), 200);  // and everything goes on
}

}  // namespace
}  // namespace partita::frame::partial_write_test
