#include "partita/io/hdf5_writer.hpp"

#include "support/error_message.hpp"
#include "support/shared_folder.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/file.hpp"
#include "partita/core/row_range.hpp"
#include "partita/io/hdf5_reader.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/resource.h>

#include <gtest/gtest.h>

namespace partita::io::hdf5_writer_test {
namespace {

using format::ElementType;
using test::error_message;
using test::SharedFolder;

Communicator world() { return Communicator::world(); }

int files_in(std::string const& folder) {
    return static_cast<int>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

/// Each rank writes its share of rows row by row: values are functions of the row.
void write_shares(Hdf5Writer const& file, std::int64_t rows) {
    RowRange const mine = share_of(rows, world().size(), world().rank());
    for (std::int64_t row = mine.first; row < mine.last; ++row) {
        float const pair[] = {static_cast<float>(row), -0.5f * static_cast<float>(row)};
        std::int64_t const number = row * 1'000'000'007;
        std::string text = "id" + std::to_string(row);
        text.resize(8, '\0');
        file.write_rows("vectors", row, 1, pair);
        file.write_rows("/deep/numbers", row, 1, &number);
        file.write_rows("ids", row, 1, text.data());
    }
}

std::vector<Hdf5DatasetSpec> three_datasets(std::int64_t rows) {
    return {{"vectors", {Hdf5Type::float32, 0}, rows, 2},
            {"deep/numbers", {Hdf5Type::int64, 0}, rows, 0},
            {"ids", {Hdf5Type::text, 8}, rows, 0}};
}

void expect_three_datasets(std::string const& path, std::int64_t rows) {
    Hdf5Reader const file(path);
    std::vector<float> vectors(static_cast<std::size_t>(2 * rows));
    std::vector<std::int64_t> numbers(static_cast<std::size_t>(rows));
    file.read_rows("vectors", 0, rows, ElementType::float32, vectors.data());
    file.read_rows("deep/numbers", 0, rows, ElementType::int64, numbers.data());
    auto const ids = file.read_texts("ids", 0, rows);
    for (std::int64_t row = 0; row < rows; ++row) {
        auto const i = static_cast<std::size_t>(row);
        EXPECT_EQ(vectors[2 * i], static_cast<float>(row));
        EXPECT_EQ(vectors[2 * i + 1], -0.5f * static_cast<float>(row));
        EXPECT_EQ(numbers[i], row * 1'000'000'007);
        EXPECT_EQ(ids[i], "id" + std::to_string(row));
    }
    EXPECT_EQ(file.info("vectors").shape, (std::vector<std::int64_t>{rows, 2}));
    EXPECT_EQ(file.info("deep/numbers").shape, (std::vector<std::int64_t>{rows}));
}

TEST(Hdf5Writer, AllRanksFillOneFile) {
    SharedFolder folder(world());
    for (std::int64_t const rows : {std::int64_t{0}, std::int64_t{2}, std::int64_t{1000}}) {
        std::string const path = folder.file(std::to_string(rows) + ".h5");
        Hdf5Writer file(world(), path, three_datasets(rows), false);
        EXPECT_FALSE(file_exists(path));
        collectively(world(), "", [&] { write_shares(file, rows); });
        file.commit();
        expect_three_datasets(path, rows);
    }
    world().barrier();
    EXPECT_EQ(files_in(folder.path()), 3);
}

TEST(Hdf5Writer, AddsAttributesAndLinks) {
    SharedFolder folder(world());
    std::string const path = folder.file("x.h5");
    Hdf5Writer file(world(), path, three_datasets(3), false);
    write_shares(file, 3);
    file.set_attribute("metric", std::string("l2 – ÿ"));
    file.set_attribute("recall", 0.875);
    file.set_attribute("recall", 0.9375);
    file.set_attribute("k", std::int64_t{10}, "vectors");
    file.add_link("other/name", "vectors");
    file.commit();
    Hdf5Reader const reader(path);
    EXPECT_EQ(reader.text_attribute("", "metric"), "l2 – ÿ");
    EXPECT_EQ(reader.number_attribute("", "recall"), 0.9375);
    EXPECT_EQ(reader.number_attribute("vectors", "k"), 10);
    float row[2] = {0, 0};
    reader.read_rows("other/name", 2, 3, ElementType::float32, row);
    EXPECT_EQ(row[0], 2);
}

TEST(Hdf5Writer, LargeDatasetsBeginOnPages) {
    SharedFolder folder(world());
    std::string const path = folder.file("x.h5");
    std::int64_t const rows = 20000;
    Hdf5Writer file(world(), path,
                    {{"a", {Hdf5Type::uint8, 0}, 7, 0}, {"big", {Hdf5Type::float64, 0}, rows, 1}},
                    false);
    RowRange const mine = share_of(rows, world().size(), world().rank());
    std::vector<double> const ones(static_cast<std::size_t>(mine.size()), 1.0);
    file.write_rows("big", mine.first, mine.size(), ones.data());
    file.commit();
    std::ifstream in(path, std::ios::binary);
    std::string const bytes{std::istreambuf_iterator<char>(in), {}};
    std::string const one("\0\0\0\0\0\0\xf0\x3f", 8);
    EXPECT_EQ(bytes.find(one + one) % 4096, 0u);
}

TEST(Hdf5Writer, WithoutCommitNothingRemains) {
    SharedFolder folder(world());
    std::string const path = folder.file("x.h5");
    {
        Hdf5Writer file(world(), path, three_datasets(5), false);
        write_shares(file, 5);
    }
    world().barrier();
    EXPECT_EQ(files_in(folder.path()), 0);
}

TEST(Hdf5Writer, KeepsTheOldFileUnlessToldToOverwrite) {
    SharedFolder folder(world());
    std::string const path = folder.file("x.h5");
    if (world().is_root()) std::ofstream(path) << "old";
    world().barrier();
    EXPECT_EQ(error_message([&] {
                  Hdf5Writer(world(), path, three_datasets(5), false);
              }).find(path + " exists: give --overwrite"),
              0u);
    Hdf5Writer file(world(), path, three_datasets(5), true);
    EXPECT_EQ(std::filesystem::file_size(path), 3u);
    world().barrier();
    write_shares(file, 5);
    file.commit();
    expect_three_datasets(path, 5);
}

TEST(Hdf5Writer, SaysTheSameOnAllRanksWhenItCannotWrite) {
    SharedFolder folder(world());
    auto const message = [&](std::string const& name, std::vector<Hdf5DatasetSpec> const& specs) {
        return error_message([&] { Hdf5Writer(world(), folder.file(name), specs, false); });
    };
    auto const begins = [](std::string const& text, std::string const& with) {
        EXPECT_EQ(text.substr(0, with.size()), with);
    };
    begins(message("no/x.h5", three_datasets(1)),
           folder.file("no/x.h5") + ": folder '" + folder.path() + "/no' does not exist");
    begins(message("x.h5", {{"t", {Hdf5Type::text, 0}, 1, 0}}),
           folder.file("x.h5") + ": expected a positive width for the texts of dataset 't', got 0");
    begins(message("x.h5", {{"t", {Hdf5Type::float64, 0}, std::int64_t{1} << 60, 2}}),
           folder.file("x.h5") + ": dataset 't' of 1152921504606846976 x 2 is too large");
    begins(message("x.h5", {{"t", {}, 1, 1}, {"t", {}, 1, 1}}),
           folder.file("x.h5") + ": cannot make dataset 't'");
    world().barrier();
    EXPECT_EQ(files_in(folder.path()), 0);
}

TEST(Hdf5Writer, AFullDiskIsKnownAtOnce) {
    SharedFolder folder(world());
    // A limit on file sizes stands in for the full disk.
    rlimit old{};
    getrlimit(RLIMIT_FSIZE, &old);
    rlimit const small{1 << 20, old.rlim_max};
    auto const handler = std::signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    std::string const message = error_message(
        [&] { Hdf5Writer(world(), folder.file("x.h5"), three_datasets(1 << 20), false); });
    setrlimit(RLIMIT_FSIZE, &old);
    std::signal(SIGXFSZ, handler);
    EXPECT_EQ(message.find(folder.file("x.h5") + ": cannot"), 0u) << message;
    EXPECT_NE(message.find("File too large"), std::string::npos) << message;
    world().barrier();
    EXPECT_EQ(files_in(folder.path()), 0);
    Hdf5Writer file(world(), folder.file("x.h5"), three_datasets(3),
                    false);  // HDF5 goes on working
    write_shares(file, 3);
    file.commit();
    expect_three_datasets(folder.file("x.h5"), 3);
}

TEST(Hdf5Writer, ADiskThatFillsUpNamesTheOutput) {
    SharedFolder folder(world());
    Hdf5Writer file(world(), folder.file("x.h5"), three_datasets(3), false);
    write_shares(file, 3);
    file.set_attribute("long", std::string(1 << 20, 'x'));
    rlimit old{};
    getrlimit(RLIMIT_FSIZE, &old);
    rlimit const small{1 << 18, old.rlim_max};
    auto const handler = std::signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    std::string const message = error_message([&] { file.commit(); });
    setrlimit(RLIMIT_FSIZE, &old);
    std::signal(SIGXFSZ, handler);
    EXPECT_EQ(message.find(folder.file("x.h5") + ": cannot reserve"), 0u) << message;
}

TEST(Hdf5Writer, ChecksRowsAndNames) {
    SharedFolder folder(world());
    Hdf5Writer const file(world(), folder.file("x.h5"), three_datasets(5), false);
    float const row[2] = {};
    EXPECT_EQ(error_message([&] { file.write_rows("vectors", 5, 1, row); }),
              folder.file("x.h5") + ":/vectors: expected rows within [0, 5), got [5, 6)");
    EXPECT_EQ(error_message([&] { file.write_rows("vector", 0, 1, row); }),
              folder.file("x.h5") + ": no dataset 'vector'");
}

}  // namespace
}  // namespace partita::io::hdf5_writer_test
