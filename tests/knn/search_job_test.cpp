#include "knn/search_job_case.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/io/hdf5_reader.hpp"
#include "partita/knn/evaluate.hpp"
#include "partita/knn/tune.hpp"

#include <algorithm>

namespace partita::knn {
namespace {

TEST_F(SearchJobTest, ResultFileHoldsWhatTheOracleFinds) {
    auto const source = open(true);
    NodeIndex const node = build("flat", source);
    VectorQueries const queries(source, Metric::l2, true);
    for (std::int64_t memory : {std::int64_t{1}, std::int64_t{1} << 30}) {  // many rounds, one
        SearchJobOptions options;
        options.memory_bytes = memory;
        SearchReport const report = search(node, queries, "nn.h5", options);
        EXPECT_EQ(report.self_found, rows);
        EXPECT_EQ(report.self_possible, rows);
        EXPECT_GT(report.duplicates, 0);

        Neighbors const wanted = test::oracle_neighbors(vectors(), vectors(), k, Metric::l2);
        io::Hdf5Reader const file(folder_.file("nn.h5"));
        std::vector<std::int64_t> positions(rows * k);
        std::vector<float> distances(rows * k);
        file.read_rows("/neighbors", 0, rows, format::ElementType::int64, positions.data());
        file.read_rows("/distances", 0, rows, format::ElementType::float32, distances.data());
        for (std::int64_t i = 0; i < rows * k; ++i) {
            EXPECT_EQ(positions[static_cast<std::size_t>(i)], wanted.positions.data()[i]);
            EXPECT_FLOAT_EQ(distances[static_cast<std::size_t>(i)], wanted.distances.data()[i]);
        }
        EXPECT_EQ(file.read_texts("/ids", 3, 4).front(), "item-21");
        EXPECT_TRUE(file.info("/neighbor_ids").is_text);
        EXPECT_EQ(file.number_attribute("", "k"), static_cast<double>(k));
    }
}

TEST_F(SearchJobTest, RowNumbersAreLinkedNotCopied) {
    auto const source = open(false);
    NodeIndex const node = build("flat", source);
    search(node, VectorQueries(source, Metric::l2, true), "nn.h5");
    io::Hdf5Reader const file(folder_.file("nn.h5"));
    std::vector<std::int64_t> neighbors(rows * k), ids(rows * k), items(rows);
    file.read_rows("/neighbors", 0, rows, format::ElementType::int64, neighbors.data());
    file.read_rows("/neighbor_ids", 0, rows, format::ElementType::int64, ids.data());
    file.read_rows("/ids", 0, rows, format::ElementType::int64, items.data());
    EXPECT_EQ(neighbors, ids);
    for (std::int64_t i = 0; i < rows; ++i) EXPECT_EQ(items[static_cast<std::size_t>(i)], i);
}

TEST_F(SearchJobTest, TextFormatsAreOrderedAndWhole) {
    auto const source = open(true);
    NodeIndex const node = build("flat", source);
    VectorQueries const queries(source, Metric::l2, true);
    SearchJobOptions options;
    options.memory_bytes = 1;
    search(node, queries, "nn.csv", options);
    std::istringstream lines(text_of("nn.csv"));
    std::string line;
    std::getline(lines, line);
    EXPECT_EQ(line, "item,rank,neighbor,distance");
    std::int64_t count = 0;
    for (; std::getline(lines, line); ++count)
        EXPECT_EQ(line.substr(0, line.find(',')), "item-" + std::to_string(count / k * 7));
    EXPECT_EQ(count, rows * k);
    search(node, queries, "nn.jsonl", options);
    EXPECT_EQ(text_of("nn.jsonl").substr(0, 36), R"({"item":"item-0","rank":0,"neighbor")");
}

TEST_F(SearchJobTest, FormatsInOrderAreTheSameBytesHoweverOftenRanksMeet) {
    auto const source = open(true);
    NodeIndex const node = build("ivf", source);
    VectorQueries const queries(source, Metric::l2, true);
    for (std::string const name : {"nn.csv", "nn.jsonl", "nn.csr.h5"}) {
        SearchJobOptions options;
        options.effort = 3;  // lists are short: some queries have fewer than k neighbours
        options.memory_bytes = std::int64_t{1} << 30;
        search(node, queries, name, options);
        std::string const once = text_of(name);
        options.memory_bytes = 1;
        search(node, queries, name, options);
        EXPECT_TRUE(once == text_of(name)) << name << " by many runs";
        search(node, queries, name, options, true);
        EXPECT_TRUE(once == text_of(name)) << name << " by many runs and records";
    }
    io::Hdf5Reader const file(folder_.file("nn.csr.h5"));
    std::vector<std::int64_t> ends(rows + 1);
    file.read_rows("/indptr", 0, rows + 1, format::ElementType::int64, ends.data());
    EXPECT_TRUE(std::is_sorted(ends.begin(), ends.end()));
    EXPECT_EQ(ends.back(), file.info("/indices").shape.at(0));
}

TEST_F(SearchJobTest, ExcludeSelfDropsTheItemAndNothingElse) {
    auto const source = open(false);
    NodeIndex const node = build("ivf", source);
    SearchJobOptions options;
    options.exclude_self = true;
    options.effort = rows;
    search(node, VectorQueries(source, Metric::l2, true), "nn.h5", options);
    Neighbors const wanted = test::oracle_neighbors(vectors(), vectors(), k + 1, Metric::l2);
    io::Hdf5Reader const file(folder_.file("nn.h5"));
    std::vector<std::int64_t> positions(rows * k);
    file.read_rows("/neighbors", 0, rows, format::ElementType::int64, positions.data());
    for (std::int64_t q = 0; q < rows; ++q) {
        std::vector<std::int64_t> others;
        for (std::int64_t j = 0; j <= k && static_cast<std::int64_t>(others.size()) < k; ++j)
            if (wanted.positions.row(q)[j] != q) others.push_back(wanted.positions.row(q)[j]);
        EXPECT_TRUE(std::equal(others.begin(), others.end(), positions.begin() + q * k)) << q;
    }
}

TEST_F(SearchJobTest, ItemsAreLookedUpByTheirIds) {
    auto const source = open(true);
    for (char const* type : {"flat", "ivf"}) {
        NodeIndex const node = build(type, source);
        ItemQueries const queries(comm_, *node.searcher, node.index.get(), node.ids,
                                  {"item-70", "item-0", "item-70"}, "items");
        search(node, queries, "items.csv");
        std::string const text = text_of("items.csv");
        EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3 * k + 1);
        EXPECT_EQ(queries.position(0), 10);
        EXPECT_THROW(
            ItemQueries(comm_, *node.searcher, node.index.get(), node.ids, {"item-1"}, "items"),
            CollectiveError);
    }
}

TEST_F(SearchJobTest, TuningReachesItsRecallAndIsTheSameOnAllRanks) {
    auto const source = open(false);
    NodeIndex const node = build("ivf", source);
    VectorQueries const queries(source, Metric::l2, true);
    TuneOptions options;
    options.recall = 0.9;
    options.k = k;
    options.sample = 200;
    Tuning const tuning = tune(comm_, *node.searcher, queries, options);
    EXPECT_GE(tuning.recall, 0.9);
    EXPECT_EQ(comm_.all_reduce(tuning.effort, Reduce::max), tuning.effort);
    Communicator const self = Communicator::self();
    Tuning const alone = tune(self, *replicated_searcher(self, *node.index), queries, options);
    EXPECT_EQ(alone.effort, tuning.effort);
    EXPECT_EQ(alone.recall, tuning.recall);
    for (std::size_t i = 1; i < tuning.curve.size(); ++i) {
        EXPECT_LT(tuning.curve[i - 1].effort, tuning.curve[i].effort);
        EXPECT_LE(tuning.curve[i - 1].recall, tuning.curve[i].recall);
    }
    options.recall = 1;
    EXPECT_EQ(tune(comm_, *node.searcher, queries, options).recall, 1);
    options.recall = 1.5;
    EXPECT_THROW(tune(comm_, *node.searcher, queries, options), CollectiveError);
}

TEST_F(SearchJobTest, EvaluationCountsWhatIsMissing) {
    auto const source = open(false);
    NodeIndex const node = build("ivf", source);
    VectorQueries const queries(source, Metric::l2, true);
    SearchJobOptions options;
    options.effort = rows;
    search(node, queries, "truth.h5", options);
    options.effort = 1;
    search(node, queries, "found.h5", options);

    Recall const self =
        evaluate_files(comm_, folder_.file("truth.h5"), folder_.file("truth.h5"), 0);
    EXPECT_EQ(self.by_id, 1);
    EXPECT_EQ(self.by_distance, 1);
    EXPECT_EQ(self.queries, rows);
    EXPECT_EQ(self.k, k);

    Recall const found =
        evaluate_files(comm_, folder_.file("found.h5"), folder_.file("truth.h5"), 0);
    std::vector<std::int64_t> a(rows * k), b(rows * k);
    io::Hdf5Reader(folder_.file("found.h5"))
        .read_rows("/neighbors", 0, rows, format::ElementType::int64, a.data());
    io::Hdf5Reader(folder_.file("truth.h5"))
        .read_rows("/neighbors", 0, rows, format::ElementType::int64, b.data());
    std::int64_t hits = 0;
    for (std::int64_t i = 0; i < rows * k; ++i)
        hits += std::count(b.begin() + i / k * k, b.begin() + i / k * k + k,
                           a[static_cast<std::size_t>(i)]);
    EXPECT_DOUBLE_EQ(found.by_id, static_cast<double>(hits) / (rows * k));
    EXPECT_LT(found.by_id, 1);
    EXPECT_GE(found.by_distance, found.by_id);

    Recall const sampled = evaluate_sample(comm_, folder_.file("truth.h5"), source, source,
                                           Metric::l2, false, 100, 5, 1 << 16);
    EXPECT_EQ(sampled.by_id, 1);
    EXPECT_EQ(sampled.queries, 100);
    EXPECT_THROW(evaluate_files(comm_, folder_.file("truth.h5"), folder_.file("truth.h5"), k + 1),
                 CollectiveError);
}

TEST_F(SearchJobTest, ExactNeighboursOfAStreamedBaseEqualTheOracle) {
    auto const source = open(false);
    Neighbors const found =
        exact_neighbors(comm_, source, vectors().slice(0, 40), k, Metric::l2, 1 << 14);
    Neighbors const wanted =
        test::oracle_neighbors(vectors(), vectors().slice(0, 40), k, Metric::l2);
    EXPECT_TRUE(std::equal(wanted.positions.data(), wanted.positions.data() + 40 * k,
                           found.positions.data()));
}

}  // namespace
}  // namespace partita::knn
