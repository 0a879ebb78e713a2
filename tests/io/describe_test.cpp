#include "partita/io/describe.hpp"

#include "io/hdf5_files.hpp"
#include "io/on_root.hpp"
#include "support/error_message.hpp"
#include "support/shared_folder.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace partita::io::describe_test {
namespace {

using test::error_message;
using test::Hdf5Maker;
using test::on_root;
using test::put;
using test::SharedFolder;

Communicator world() { return Communicator::world(); }

using Pairs = std::vector<std::pair<std::string, std::string>>;

TEST(Describe, VectorsInHdf5) {
    SharedFolder folder(world());
    float const nan = std::numeric_limits<float>::quiet_NaN();
    on_root(world(), [&] {
        Hdf5Maker maker(folder.file("x.h5"));
        maker.add_floats("train", {4, 2}, {3, 4, 0, 0, nan, 1, 6, 8});
        maker.add_floats("test", {1, 2}, {1, 0});
        maker.add_texts("ids", {"a", "b", "c", "dd"});
        maker.set_text("distance", "euclidean");
    });
    FileDescription const found = describe(world(), folder.file("x.h5"));
    EXPECT_EQ(found.kind, "HDF5");
    EXPECT_GT(found.bytes, 0);
    EXPECT_EQ(found.datasets.size(), 3u);
    EXPECT_EQ(found.attributes, (Pairs{{"distance", "euclidean"}}));
    EXPECT_EQ(found.note, "");
    EXPECT_TRUE(found.vectors.has_value());
    VectorSummary const vectors = found.vectors.value_or(VectorSummary{});
    EXPECT_EQ(vectors.spec, folder.file("x.h5") + ":/train");
    EXPECT_EQ(vectors.shape.rows, 4);
    EXPECT_EQ(vectors.metric, "l2");
    EXPECT_EQ(vectors.first_id, "a");
    EXPECT_EQ(vectors.last_id, "dd");
    EXPECT_EQ(vectors.sampled_rows, 4);
    EXPECT_EQ(vectors.rows_with_nan, 1);
    EXPECT_EQ(vectors.smallest_norm, 0);
    EXPECT_EQ(vectors.largest_norm, 10);
    EXPECT_EQ(vectors.mean_norm, 5);
}

TEST(Describe, SamplesLongFilesEvenly) {
    SharedFolder folder(world());
    on_root(world(), [&] {
        std::string text = "x\n";
        for (int i = 0; i < 3000; ++i) text += std::to_string(i) + "\n";
        put(folder.file("x.csv"), text);
    });
    FileDescription const found = describe(world(), folder.file("x.csv"));
    EXPECT_EQ(found.kind, "CSV");
    VectorSummary const vectors = found.vectors.value_or(VectorSummary{});
    EXPECT_EQ(vectors.sampled_rows, 1000);
    EXPECT_EQ(vectors.largest_norm, 2997);
    EXPECT_EQ(vectors.mean_norm, 1498.5);
}

TEST(Describe, OtherThingsThanVectors) {
    SharedFolder folder(world());
    on_root(world(), [&] {
        Hdf5Maker maker(folder.file("line.h5"));
        maker.add_floats("line", {3}, {0, 0, 0});
        maker.set_number("k", 10);
        put(folder.file("x.json"), R"({"format":"partita","rows":3,"curve":[1],"ok":true})");
        put(folder.file("names.txt"), "anna\nbert\n");
        put(folder.file("x.bin"), "anything");
        std::string index("IxF2\x10\0\0\0\x07\0\0\0\0\0\0\0", 16);
        put(folder.file("x.index"), index + std::string(64, '\0'));
        put(folder.file("x.index.json"), R"({"metric":"l2"})");
    });
    FileDescription const line = describe(world(), folder.file("line.h5"));
    EXPECT_FALSE(line.vectors.has_value());
    EXPECT_NE(line.note.find("expected a two-dimensional dataset"), std::string::npos);
    EXPECT_EQ(line.attributes, (Pairs{{"k", "10"}}));
    EXPECT_EQ(describe(world(), folder.file("x.json")).attributes,
              (Pairs{{"format", "partita"}, {"rows", "3"}, {"ok", "true"}}));
    EXPECT_EQ(describe(world(), folder.file("names.txt")).attributes,
              (Pairs{{"ids", "text"}, {"rows", "2"}}));
    FileDescription const unknown = describe(world(), folder.file("x.bin"));
    EXPECT_EQ(unknown.kind, "unknown");
    EXPECT_EQ(unknown.bytes, 8);
    FileDescription const index = describe(world(), folder.file("x.index"));
    EXPECT_EQ(index.kind, "FAISS index");
    EXPECT_EQ(
        index.attributes,
        (Pairs{{"faiss_type", "IxF2"}, {"vectors", "7"}, {"dimension", "16"}, {"metric", "l2"}}));
}

TEST(Describe, BrokenFilesAreErrors) {
    SharedFolder folder(world());
    on_root(world(), [&] {
        put(folder.file("x.npy"), "nothing of NumPy's");
        put(folder.file("x.json"), "{");
        Hdf5Maker(folder.file("x.h5")).add_floats("line", {3}, {0, 0, 0});
    });
    auto const message = [&](std::string const& spec) {
        return error_message([&] { describe(world(), folder.file(spec)); });
    };
    EXPECT_EQ(message("none.h5"), folder.file("none.h5") + ": No such file or directory");
    EXPECT_EQ(message("x.json"), folder.file("x.json") + ": damaged JSON");
    EXPECT_EQ(message("x.npy").find(folder.file("x.npy") + ": "), 0u);
    EXPECT_EQ(message("x.h5:/line"), folder.file("x.h5") + ":/line: expected 2 dimensions, got 1");
}

}  // namespace
}  // namespace partita::io::describe_test
