// The test of rescale_then_cluster, as a user writes it; docs/testing-your-program.md explains it.
#include "rescale_then_cluster.hpp"

#include <partita/testing/main.hpp>
#include <partita/testing/tables.hpp>

using partita::testing::Tables;

TEST(RescaleThenCluster, ScaleDecidesWhatIsNear) {
    Tables tables;
    // By distance as it stands, metres would decide; per range, the two columns count alike.
    auto const table = tables.from_csv(
        "name,metres,grams\na,0,0.001\nb,900,0.001\nc,100,0.009\nd,1000,0.010\ne,50,0.0011\n");
    auto const clustered = rescale_then_cluster(table, {"metres", "grams"}, 4);
    EXPECT_EQ(Tables::texts(clustered, "name"),
              (std::vector<std::string>{"a", "b", "c", "d", "e"}));
    auto const cluster = Tables::numbers(clustered, "cluster");
    EXPECT_EQ(cluster[0], cluster[4]);
    for (int const other : {1, 2, 3}) EXPECT_NE(cluster[0], cluster[other]);
    EXPECT_NE(cluster[1], cluster[3]);
    // Columns are kept as they came.
    EXPECT_EQ(Tables::numbers(clustered, "metres"), (std::vector<double>{0, 900, 100, 1000, 50}));
}

TEST(RescaleThenCluster, AConstantColumnTellsNothingApart) {
    Tables tables;
    auto const table = tables.from_csv("x,y\n1,5\n1.1,5\n9,5\n");
    auto const cluster = Tables::numbers(rescale_then_cluster(table, {"x", "y"}, 2), "cluster");
    EXPECT_EQ(cluster[0], cluster[1]);
    EXPECT_NE(cluster[0], cluster[2]);
}

int main(int argc, char** argv) { return partita::testing::run_tests(argc, argv); }
