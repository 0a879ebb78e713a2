#include "partita/io/partial_output.hpp"

#include "io/partial_manifest.hpp"
#include "support/error_message.hpp"
#include "support/shared_folder.hpp"

#include "partita/comm/stop.hpp"
#include "partita/core/file.hpp"
#include "partita/core/row_range.hpp"
#include "partita/core/scratch.hpp"
#include "partita/core/unfinished.hpp"
#include "partita/io/hdf5_writer.hpp"
#include "partita/io/ordered_text.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>

#include <gtest/gtest.h>

namespace partita::io::partial_output_test {
namespace {

namespace fs = std::filesystem;
using test::SharedFolder;

constexpr std::int64_t rows = 100;

Communicator world() { return Communicator::world(); }

PartialOutput::Options options(bool resume, std::string const& k = "10") {
    PartialOutput::Options options;
    options.resume = resume;
    options.job = {{"k", k}, {"name", "caf\xe9"}};  // as Latin-1 has it
    options.seconds_between_records = 0;
    return options;
}

/// Writes rows 0, 1, ... of a text and of an HDF5 file, ten at a time.
class Job {
  public:
    Job(std::string const& path, bool resume)
        : partial_(world(), path, options(resume)),
          text_(world(), partial_, "text"),
          hdf5_(world(), partial_, "hdf5", {{"row", {Hdf5Type::int64, 0}, rows, 0}}) {}

    std::int64_t done() const { return partial_.done(); }
    PartialOutput& partial() { return partial_; }
    PartialOutput const& partial() const { return partial_; }

    void run(std::int64_t last, bool record = true) {
        for (std::int64_t begin = std::max(done(), reached_); begin < last; begin += 10) {
            RowRange const share = share_of(10, world().size(), world().rank());
            std::string block;
            for (std::int64_t row = begin + share.first; row < begin + share.last; ++row) {
                block += std::to_string(row) + "\n";
                hdf5_.write_rows("row", row, 1, &row);
            }
            text_.write(block);
            reached_ = begin + 10;
            if (record) partial_.record(reached_);
        }
    }

    void finish_hdf5() {
        hdf5_.set_attribute("rows", rows);
        hdf5_.commit();
    }
    void finish_text() { text_.commit(); }

  private:
    PartialOutput partial_;
    OrderedTextWriter text_;
    Hdf5Writer hdf5_;
    std::int64_t reached_ = 0;
};

class PartialOutputTest : public testing::Test {
  protected:
    PartialOutputTest() : folder_(world()), path_(folder_.file("out")) {}

    /// What a job that was killed leaves: its folder as it is now, with a dead process's name.
    void leave(Job const& job) {
        world().barrier();
        if (world().is_root()) {
            std::string const tag = process_tag();
            std::string name = fs::path(job.partial().file("")).parent_path().string();
            // the same host and process, started at another time: certainly gone
            std::string const dead = tag.substr(0, tag.rfind('-')) + "-1";
            name.replace(name.find(tag), tag.size(), dead);
            fs::copy(job.partial().file(""), name);
        }
        world().barrier();
    }

    std::string bytes(std::string const& name) { return read_text_file(folder_.file(name)); }
    std::int64_t entries() {
        world().barrier();
        auto const count = std::distance(fs::directory_iterator(folder_.path()), {});
        world().barrier();
        return count;
    }

    SharedFolder folder_;
    std::string path_;
};

TEST_F(PartialOutputTest, AResumedJobMakesTheSameBytes) {
    for (bool const text : {true, false}) {
        auto const finish = [&](Job& job) { text ? job.finish_text() : job.finish_hdf5(); };
        std::string const whole = text ? "whole.txt" : "whole.h5";
        {
            Job job(folder_.file(whole), false);
            job.run(rows);
            finish(job);
        }
        {
            Job job(path_, false);
            job.run(40);
            job.run(70, false);  // written, but not recorded
            leave(job);
        }
        Job job(path_, true);
        EXPECT_TRUE(job.partial().resumed());
        EXPECT_EQ(job.done(), 40);
        job.run(rows);
        finish(job);
        EXPECT_EQ(bytes("out"), bytes(whole));
        EXPECT_EQ(entries(), text ? 2 : 3);
        world().barrier();
        if (world().is_root()) fs::remove(path_);
        world().barrier();
    }
}

TEST_F(PartialOutputTest, AKillAfterTheTailOfAnHdf5FileDoesNoHarm) {
    {
        Job job(folder_.file("whole"), false);
        job.run(rows);
        job.finish_hdf5();
    }
    {
        Job job(path_, false);
        job.run(rows);
        leave(job);
        job.finish_hdf5();
    }
    world().barrier();
    if (world().is_root()) {  // the file as it is with its tail, in the folder that was left
        for (auto const& entry : fs::directory_iterator(folder_.path()))
            if (entry.path().extension() == ".partial")
                fs::copy_file(path_, entry.path() / "hdf5", fs::copy_options::overwrite_existing);
        fs::remove(path_);
    }
    world().barrier();
    Job job(path_, true);
    EXPECT_EQ(job.done(), rows);
    job.finish_hdf5();
    EXPECT_EQ(bytes("out"), bytes("whole"));
}

TEST_F(PartialOutputTest, ASignalToAnyRankStopsAllAtTheNextRecordAndKeepsIt) {
    for (int const signal : {SIGUSR1, SIGTERM}) {
        StopSignals const signals;
        {
            Job job(path_, false);
            job.run(20);
            EXPECT_FALSE(stop_agreed(world()));
            if (world().rank() == world().size() / 2) std::raise(signal);
            EXPECT_TRUE(job.partial().is_due());
            EXPECT_THROW(job.run(rows), Stopped);
            leave(job);
        }
        EXPECT_EQ(entries(), 2);  // what a killed job would leave, and what this one has left
        EXPECT_TRUE(stop_agreed(world()));
        if (world().is_root()) {
            auto const own = unfinished_path(path_, ".partial");
            EXPECT_EQ(read_text_file(own + "/text").size(), 10 * 2 + 20 * 3);
            fs::remove_all(own);
        }
        StopSignals const again;  // as in the job that goes on, nothing has come yet
        Job job(path_, true);
        EXPECT_EQ(job.done(), 30);
        job.run(rows);
        job.finish_text();
        world().barrier();
        if (world().is_root()) fs::remove(path_);
        world().barrier();
    }
}

TEST_F(PartialOutputTest, AnotherJobIsRefusedAndWhatWasLeftStays) {
    {
        Job job(path_, false);
        job.run(20);
        leave(job);
    }
    EXPECT_EQ(test::error_message([&] { PartialOutput(world(), path_, options(true, "5")); }),
              path_ +
                  ": --resume: expected the settings of the unfinished job, which had k = 10, "
                  "got k = 5");
    EXPECT_EQ(entries(), 1);
    Job const job(path_, true);
    EXPECT_EQ(job.done(), 20);
}

TEST_F(PartialOutputTest, WithoutResumeTheRestGoesAwayAndWithNothingLeftAJobStartsAnew) {
    {
        Job job(path_, false);
        job.run(20);
        leave(job);
    }
    EXPECT_EQ(entries(), 1);
    {
        Job const job(path_, false);
        EXPECT_FALSE(job.partial().resumed());
        EXPECT_EQ(entries(), 2);  // the temporary name and the folder
    }
    EXPECT_EQ(entries(), 0);
    Job const job(path_, true);
    EXPECT_FALSE(job.partial().resumed());
    EXPECT_EQ(job.done(), 0);
}

TEST_F(PartialOutputTest, FactsAreFoundAgain) {
    {
        Job job(path_, false);
        job.partial().set_fact("recall", "0.97");
        job.run(20);
        leave(job);
    }
    Job const job(path_, true);
    EXPECT_EQ(job.partial().fact("recall"), "0.97");
    EXPECT_EQ(job.partial().fact("other"), std::nullopt);
}

TEST(Manifest, ASettingThatOnlyOneOfTheJobsHasIsADifference) {
    Facts const plain{{"k", "10"}}, more{{"k", "10"}, {"metric", "cosine"}};
    std::string const begin =
        "x.h5: --resume: expected the settings of the unfinished job, which had ";
    EXPECT_EQ(test::error_message([&] { check_same_job("x.h5", plain, more); }),
              begin + "no metric, got metric = cosine");
    EXPECT_EQ(test::error_message([&] { check_same_job("x.h5", more, plain); }),
              begin + "metric = cosine, got no metric");
    check_same_job("x.h5", more, more);
}

TEST(Manifest, ARecordOfAnotherVersionIsRefused) {
    std::string text = to_text({});
    std::string const version = "\"version\": 1";
    std::size_t const at = text.find(version);
    EXPECT_NE(at, std::string::npos) << text;
    if (at != std::string::npos) text.replace(at, version.size(), "\"version\": 2");
    EXPECT_EQ(test::error_message([&] { manifest_from_text(text); }), "expected version 1, got 2");
}

}  // namespace
}  // namespace partita::io::partial_output_test
