#include "partita/io/hdf5_reader.hpp"

#include "io/hdf5_files.hpp"
#include "support/error_message.hpp"
#include "support/temp_folder.hpp"

#include <cmath>
#include <filesystem>
#include <numeric>
#include <thread>

#include <gtest/gtest.h>

namespace partita::io {
namespace {

using format::ElementType;
using test::error_message;
using test::Hdf5Maker;
using test::TempFolder;

std::vector<float> counting(std::int64_t count) {
    std::vector<float> values(static_cast<std::size_t>(count));
    std::iota(values.begin(), values.end(), 0.5f);
    return values;
}

std::vector<float> read_floats(Hdf5Reader const& file, std::string const& name, std::int64_t first,
                               std::int64_t last, std::int64_t cols) {
    std::vector<float> values(static_cast<std::size_t>((last - first) * cols));
    file.read_rows(name, first, last, ElementType::float32, values.data());
    return values;
}

TEST(Hdf5Reader, ListsDatasetsOfAllGroupsByName) {
    TempFolder folder;
    auto maker = std::make_unique<Hdf5Maker>(folder.file("x.h5"));
    maker->add_floats("b", {2, 3}, counting(6));
    maker->add_floats("a/deep/c", {4}, counting(4));
    maker->add_texts("names", {"x", "yy"});
    H5Lcreate_hard(maker->id(), "/b", maker->id(), "/alias", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_soft("/nowhere", maker->id(), "/dangling", H5P_DEFAULT, H5P_DEFAULT);
    maker.reset();
    auto const all = Hdf5Reader(folder.file("x.h5")).datasets();
    std::vector<std::string> names;
    for (auto const& dataset : all) names.push_back(dataset.name);
    EXPECT_EQ(names, (std::vector<std::string>{"/a/deep/c", "/alias", "/b", "/names"}));
    EXPECT_EQ(all[2].shape, (std::vector<std::int64_t>{2, 3}));
    EXPECT_EQ(all[2].type, ElementType::float32);
    EXPECT_EQ(all[2].type_name, "float32");
    EXPECT_TRUE(all[3].is_text);
    EXPECT_EQ(all[3].type_name, "string");
}

TEST(Hdf5Reader, ReadsAnyRowsOfAnyLayout) {
    TempFolder folder;
    auto const values = counting(70 * 3);
    {
        Hdf5Maker maker(folder.file("x.h5"));
        maker.add_floats("plain", {70, 3}, values);
        maker.add_floats("zipped", {70, 3}, values, 8);
        maker.add("big", H5T_IEEE_F32BE, H5T_NATIVE_FLOAT, {70, 3}, values.data());
        maker.add("double", H5T_IEEE_F64BE, H5T_NATIVE_FLOAT, {70, 3}, values.data(), 9);
    }
    Hdf5Reader const file(folder.file("x.h5"));
    for (char const* name : {"plain", "/zipped", "big", "double"})
        for (auto const& [first, last] : {std::pair{0, 70}, {0, 1}, {7, 9}, {69, 70}, {5, 5}}) {
            std::vector<float> const expected(values.begin() + 3 * first,
                                              values.begin() + 3 * last);
            EXPECT_EQ(read_floats(file, name, first, last, 3), expected) << name << first;
        }
    EXPECT_EQ(file.info("double").type, ElementType::float64);
}

TEST(Hdf5Reader, KnowsTheTypeThatHoldsEveryValue) {
    TempFolder folder;
    {
        Hdf5Maker maker(folder.file("x.h5"));
        std::int64_t const one = 1;
        auto const add = [&](char const* name, hid_t type) {
            maker.add(name, type, H5T_NATIVE_INT64, {1}, &one);
        };
        add("u1", H5T_STD_U8LE);
        add("i1", H5T_STD_I8LE);
        add("u2", H5T_STD_U16BE);
        add("i4", H5T_STD_I32LE);
        add("u4", H5T_STD_U32LE);
        add("u8", H5T_STD_U64BE);
        hid_t const pair = H5Tcreate(H5T_COMPOUND, 8);
        H5Tinsert(pair, "x", 0, H5T_NATIVE_FLOAT);
        maker.add("pair", pair, pair, {1}, nullptr);
        H5Tclose(pair);
    }
    Hdf5Reader const file(folder.file("x.h5"));
    EXPECT_EQ(file.info("u1").type, ElementType::uint8);
    EXPECT_EQ(file.info("i1").type, ElementType::int32);
    EXPECT_EQ(file.info("u2").type, ElementType::int32);
    EXPECT_EQ(file.info("i4").type, ElementType::int32);
    EXPECT_EQ(file.info("u4").type, ElementType::int64);
    EXPECT_EQ(file.info("u8").type, ElementType::int64);
    EXPECT_EQ(file.info("u2").type_name, "uint16");
    EXPECT_EQ(file.info("pair").type, std::nullopt);
    float value = 0;
    EXPECT_EQ(error_message([&] { file.read_rows("pair", 0, 1, ElementType::float32, &value); }),
              folder.file("x.h5") + ":/pair: expected numbers, got compound");
}

TEST(Hdf5Reader, IntegersAreReadExactlyOrNotAtAll) {
    TempFolder folder;
    {
        Hdf5Maker maker(folder.file("x.h5"));
        std::uint64_t const numbers[] = {7, 0x8000000000000000u};
        maker.add("huge", H5T_STD_U64LE, H5T_NATIVE_UINT64, {2}, numbers);
        maker.add_floats("half", {1}, {2.5f});
        maker.add_floats("whole", {1}, {3});
    }
    Hdf5Reader const file(folder.file("x.h5"));
    std::int64_t value = 0;
    file.read_rows("huge", 0, 1, ElementType::int64, &value);
    EXPECT_EQ(value, 7);
    file.read_rows("whole", 0, 1, ElementType::int64, &value);
    EXPECT_EQ(value, 3);
    EXPECT_EQ(error_message([&] { file.read_rows("huge", 1, 2, ElementType::int64, &value); }),
              folder.file("x.h5") + ":/huge: holds a value that is no int64");
    EXPECT_EQ(error_message([&] { file.read_rows("half", 0, 1, ElementType::int64, &value); }),
              folder.file("x.h5") + ":/half: holds a value that is no int64");
}

TEST(Hdf5Reader, ReadsTextsOfFixedAndVariableLength) {
    TempFolder folder;
    {
        Hdf5Maker maker(folder.file("x.h5"));
        maker.add_texts("variable", {"a", "", "pâté", nullptr, "last"});
        maker.add_fixed_texts("fixed", std::string("ab\0cde\0\0\0x\0\0", 12), 3);
        maker.add_fixed_texts("spaced", "ab cde", 3, H5T_STR_SPACEPAD);
    }
    Hdf5Reader const file(folder.file("x.h5"));
    using Texts = std::vector<std::string>;
    EXPECT_EQ(file.read_texts("variable", 0, 5), (Texts{"a", "", "pâté", "", "last"}));
    EXPECT_EQ(file.read_texts("variable", 1, 3), (Texts{"", "pâté"}));
    EXPECT_EQ(file.read_texts("fixed", 0, 4), (Texts{"ab", "cde", "", "x"}));
    EXPECT_EQ(file.read_texts("spaced", 0, 2), (Texts{"ab", "cde"}));
    EXPECT_EQ(file.read_texts("spaced", 1, 1), Texts{});
    EXPECT_EQ(file.info("fixed").text_width, 3);
    EXPECT_EQ(file.info("variable").text_width, 0);
}

TEST(Hdf5Reader, ReadsAttributesOfFilesAndDatasets) {
    TempFolder folder;
    {
        Hdf5Maker maker(folder.file("x.h5"));
        maker.set_text("distance", "angular");
        maker.set_number("point", 2.5);
        maker.add_floats("train", {1, 1}, {0});
    }
    Hdf5Reader const file(folder.file("x.h5"));
    EXPECT_EQ(file.text_attribute("", "distance"), "angular");
    EXPECT_EQ(file.text_attribute("", "point"), std::nullopt);
    EXPECT_EQ(file.text_attribute("train", "distance"), std::nullopt);
    EXPECT_EQ(file.text_attribute("nowhere", "distance"), std::nullopt);
    EXPECT_EQ(file.number_attribute("", "point"), 2.5);
    EXPECT_EQ(file.number_attribute("", "distance"), std::nullopt);
    using Pairs = std::vector<std::pair<std::string, std::string>>;
    EXPECT_EQ(file.attributes(""), (Pairs{{"distance", "angular"}, {"point", "2.5"}}));
}

TEST(Hdf5Reader, SuggestsNames) {
    TempFolder folder;
    Hdf5Maker(folder.file("x.h5")).add_floats("train", {1, 1}, {0});
    Hdf5Maker(folder.file("none.h5")).set_number("x", 1);
    Hdf5Reader const file(folder.file("x.h5"));
    EXPECT_TRUE(file.has("train") && file.has("/train"));
    EXPECT_FALSE(file.has("trian") || file.has("a/b"));
    std::string const path = folder.file("x.h5");
    EXPECT_EQ(error_message([&] { file.info("trian"); }),
              path + ": no dataset 'trian' (did you mean 'train'?)");
    EXPECT_EQ(error_message([&] { file.info("/queries"); }),
              path + ": no dataset 'queries' (it holds train)");
    EXPECT_EQ(error_message([&] { Hdf5Reader(folder.file("none.h5")).info("a"); }),
              folder.file("none.h5") + ": no dataset 'a' (it holds none)");
}

TEST(Hdf5Reader, RejectsRowsOutsideAndOtherDimensions) {
    TempFolder folder;
    {
        Hdf5Maker maker(folder.file("x.h5"));
        maker.add_floats("m", {4, 1}, counting(4));
        maker.add_floats("cube", {1, 2, 2}, counting(4));
    }
    Hdf5Reader const file(folder.file("x.h5"));
    std::string const path = folder.file("x.h5");
    EXPECT_EQ(error_message([&] { read_floats(file, "m", 2, 5, 1); }),
              path + ":/m: expected rows within [0, 4), got [2, 5)");
    EXPECT_EQ(error_message([&] { read_floats(file, "cube", 0, 1, 4); }),
              path + ":/cube: expected 1 or 2 dimensions, got 3");
    EXPECT_EQ(error_message([&] { file.read_texts("m", 0, 1); }),
              path + ":/m: expected strings, got float32");
}

TEST(Hdf5Reader, SaysWhatIsWrongWithTheFile) {
    TempFolder folder;
    Hdf5Maker(folder.file("x.h5")).add_floats("m", {4000, 2}, counting(8000));
    std::filesystem::copy_file(folder.file("x.h5"), folder.file("cut.h5"));
    std::filesystem::resize_file(folder.file("cut.h5"), 3000);
    folder.put("empty.h5", "");
    folder.put("text.h5", "a,b\n1,2\n");
    auto const message = [&](char const* name) {
        return error_message([&] { Hdf5Reader file(folder.file(name)); });
    };
    EXPECT_EQ(message("none.h5"), folder.file("none.h5") + ": No such file or directory");
    EXPECT_EQ(message("empty.h5"), folder.file("empty.h5") + ": the file is empty");
    EXPECT_EQ(message("text.h5"), folder.file("text.h5") + ": not an HDF5 file");
    EXPECT_EQ(message("cut.h5"),
              folder.file("cut.h5") + ": truncated HDF5 file: expected " +
                  std::to_string(std::filesystem::file_size(folder.file("x.h5"))) +
                  " bytes, got 3000");
}

TEST(Hdf5Reader, DamagedChunksAreReported) {
    TempFolder folder;
    std::vector<float> values(4000);
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = static_cast<float>(std::sin(static_cast<double>(i * i)));
    Hdf5Maker(folder.file("x.h5")).add_floats("m", {4000, 1}, values, 4000);
    std::string bytes = folder.get("x.h5");
    for (std::size_t i = bytes.size() - 3000; i < bytes.size() - 1000; ++i) bytes[i] = 0x55;
    folder.put("x.h5", bytes);
    std::string const message = error_message([&] {
        Hdf5Reader const file(folder.file("x.h5"));
        read_floats(file, "m", 0, 4000, 1);
    });
    EXPECT_EQ(message.find(folder.file("x.h5")), 0u) << message;
}

TEST(Hdf5Reader, ThreadsMayReadTheSameAndOtherFilesAtOnce) {
    TempFolder folder;
    auto const values = counting(2000);
    for (char const* name : {"a.h5", "b.h5"})
        Hdf5Maker(folder.file(name)).add_floats("m", {1000, 2}, values, 64);
    Hdf5Reader const a(folder.file("a.h5")), b(folder.file("b.h5"));
    std::vector<int> wrong(4, 0);
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < wrong.size(); ++t)
        threads.emplace_back([&, t] {
            for (std::int64_t row = 0; row < 1000; ++row) {
                auto const got = read_floats(t % 2 == 0 ? a : b, "m", row, row + 1, 2);
                wrong[t] += got[0] != values[static_cast<std::size_t>(2 * row)];
            }
        });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

}  // namespace
}  // namespace partita::io
