#include "partita/pipeline/group_models.hpp"

#include "pipeline/rows_of.hpp"

#include "partita/ml/linear_regression.hpp"
#include "partita/ml/logistic_regression.hpp"

#include <cmath>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace partita::pipeline {
namespace {

using testing::HasSubstr;

class GroupModelsTest : public test::PipelineTest {
  protected:
    struct Row {
        std::string store;
        std::int64_t year;
        double price, units;
    };

    /// Groups of very different sizes, mixed.
    std::vector<Row> rows() {
        RandomStream random(12);
        std::vector<Row> all;
        for (int i = 0; i < 400; ++i) {
            auto const store = static_cast<int>(std::sqrt(random.below(100)));
            auto const year = static_cast<std::int64_t>(2000 + random.below(3));
            double const price = random.uniform();
            double const units = store * price - 0.5 * store + random.normal();
            all.push_back({"s" + std::to_string(store), year, price, units});
        }
        all.push_back({"alone", 2001, 1, 2});
        return all;
    }

    frame::Table table_of(std::vector<Row> const& rows, bool classes = false) {
        std::string text = "store,year,price,units\n";
        for (Row const& row : rows)
            text += fmt::format(
                "{},{},{},{}\n", row.store, row.year, row.price,
                classes ? (row.units > 0 ? "up" : "down") : fmt::format("{}", row.units));
        return table(text, 400);
    }

    /// Features and labels of each group.
    using Groups = std::map<std::pair<std::string, std::int64_t>,
                            std::pair<std::vector<double>, std::vector<double>>>;
    static Groups by_group(std::vector<Row> const& rows, bool classes) {
        Groups groups;
        for (Row const& row : rows) {
            auto& [x, y] = groups[{row.store, row.year}];
            x.push_back(row.price);
            y.push_back(classes ? row.units > 0 : row.units);
        }
        return groups;
    }

    Communicator self_ = Communicator::self();
};

TEST_F(GroupModelsTest, EachGroupHasTheModelOfItsRowsAlone) {
    auto const all = rows();
    frame::Table const t = table_of(all);
    GroupModels const found =
        train_groups(t, formula_of(t, "units", {"price"}), {{"store", "year"}, "linear"});
    frame::Block const models = found.models.collect();
    EXPECT_EQ(models.schema().to_text(),
              "store:string, year:int64, rows:int64, status:string, intercept:float64, "
              "coefficient_price:float64");
    auto const groups = by_group(all, false);
    ASSERT_EQ(models.rows(), std::ssize(groups));
    EXPECT_EQ(found.groups, models.rows());
    std::int64_t i = 0, few = 0;
    for (auto const& [key, data] : groups) {
        auto const& [x, y] = data;
        EXPECT_EQ(models.column("store").text(i), key.first);
        EXPECT_EQ(models.column("year").values<std::int64_t>()[i], key.second);
        EXPECT_EQ(models.column("rows").values<std::int64_t>()[i], std::ssize(y));
        if (y.size() < 2) {
            ++few;
            EXPECT_EQ(models.column("status").text(i), "too few rows");
            EXPECT_TRUE(models.column("intercept").is_null(i));
        } else {
            ml::DenseTrainingSet const set(self_, {x.data(), std::ssize(y), 1}, y);
            auto const fit = ml::fit_linear_regression(self_, set);
            EXPECT_EQ(models.column("intercept").values<double>()[i], fit.model.intercept);
            EXPECT_EQ(models.column("coefficient_price").values<double>()[i],
                      fit.model.coefficients[0]);
        }
        ++i;
    }
    EXPECT_GE(few, 1);
    EXPECT_EQ(found.too_few, few);
}

TEST_F(GroupModelsTest, AStoreIsSavedAndScoresEachRowByItsGroup) {
    auto const all = rows();
    frame::Table const t = table_of(all, true);
    GroupModels const found = train_groups(t, formula_of(t, "units", {"price"}),
                                           {{"store", "year"}, "logistic", {{"penalty", "0.1"}}});
    EXPECT_EQ(found.too_few + found.one_label > 0, true);
    std::string const path = folder_.path() + "/models.h5";
    save_group_models(found, path, false);
    GroupModels const loaded = load_group_models(context_, path);
    EXPECT_EQ(loaded.groups, found.groups);
    frame::Table const more = table(
        "id,store,year,price\n1,s5,2001,0.25\n2,nowhere,2001,1\n3,alone,2001,1\n4,s7,2002,0.5\n",
        20);
    frame::Block const scores = score_groups(loaded, more, {{"id"}, true, Nulls::fail}).collect();
    EXPECT_EQ(scores.schema().to_text(),
              "id:int64, prediction:string, probability_down:float64, probability_up:float64");
    ASSERT_EQ(scores.rows(), 4);
    for (std::int64_t const row : {1, 2}) {
        EXPECT_TRUE(scores.column("prediction").is_null(row));
        EXPECT_TRUE(scores.column("probability_up").is_null(row));
    }
    auto const groups = by_group(all, true);
    auto const& [x, y] = groups.at({"s5", 2001});
    ml::DenseTrainingSet const set(self_, {x.data(), std::ssize(y), 1}, y);
    ml::LogisticRegressionOptions options;
    options.penalty.strength = 0.1;
    auto const fit = ml::fit_logistic_regression(self_, set, options);
    double const score = fit.model.intercepts[0] + 0.25 * fit.model.coefficients.row(0)[0];
    EXPECT_NEAR(scores.column("probability_up").values<double>()[0], 1 / (1 + std::exp(-score)),
                1e-15);
    EXPECT_EQ(scores.column("prediction").text(0), score > 0 ? "up" : "down");
}

TEST_F(GroupModelsTest, AGroupOfOneLabelPredictsIt) {
    frame::Table const t = table("g,x,y\na,1,0\na,2,1\na,3,0\na,4,1\nb,1,1\nb,2,1\nb,5,1\n", 8);
    GroupModels const found =
        train_groups(t, formula_of(t, "y", {"x"}), {{"g"}, "logistic", {{"penalty", "1"}}});
    EXPECT_EQ(found.one_label, 1);
    frame::Block const scores = score_groups(found, t, {{}, true, Nulls::fail}).collect();
    EXPECT_EQ(scores.column("prediction").values<std::int64_t>()[4], 1);
    EXPECT_EQ(scores.column("probability_1").values<double>()[5], 1);
}

TEST_F(GroupModelsTest, BadInputIsOneSentence) {
    frame::Table const t = table("g,x,y\na,1,0\na,2,1\nb,3,2\n", 8);
    auto const message = [&](GroupTraining const& training) {
        return test::error_message([&] { train_groups(t, formula_of(t, "y", {"x"}), training); });
    };
    EXPECT_THAT(message({{"gg"}}), HasSubstr("no column 'gg'"));
    EXPECT_THAT(message({{"g"}, "kmean"}), HasSubstr("did you mean 'kmeans'"));
    EXPECT_THAT(message({{"g"}, "tree"}), HasSubstr("expected task classification or regression"));
    EXPECT_THAT(message({{"g"}, "linear", {{"penalti", "1"}}}), HasSubstr("did you mean"));
    EXPECT_THAT(test::error_message([&] {
                    score_groups(train_groups(t, formula_of(t, "y", {"x"}), {{"g"}}),
                                 table("g,x\n1,2\n"), {});
                }),
                HasSubstr("column 'g': expected string, as models are grouped by, got int64"));
}

TEST_F(GroupModelsTest, LearnersOfAllKindsAreFittedToTheRowsOfEachGroup) {
    // Group a has three classes, b two of them, c one.
    std::string text = "g,x,z,y\n";
    RandomStream random(3);
    for (int i = 0; i < 90; ++i) {
        double const x = random.uniform(), z = random.uniform();
        std::string const group(1, static_cast<char>('a' + i % 3));
        int const label = i % 3 == 2 ? 2 : i % 3 == 1 ? 2 * (x > z) : (x > z) + (x > 0.7);
        text += fmt::format("{},{},{},{}\n", group, x, z, std::string(1, "pqr"[label]));
    }
    frame::Table const t = table(text, 200);
    for (std::string const kind : {"logistic", "tree", "forest", "gbt", "naive-bayes"}) {
        Params params;
        if (kind == "logistic") params.set("penalty", "0.01");
        if (kind == "forest") params.set("trees", "5");
        if (kind == "gbt") params.set("min-leaf-rows", "2");  // by default 20 of 30
        GroupModels const found =
            train_groups(t, formula_of(t, "y", {"x", "z"}), {{"g"}, kind, params});
        EXPECT_EQ(found.classes, 3) << kind;
        EXPECT_EQ(found.one_label, 1) << kind;
        std::string const path = folder_.path() + "/" + kind + ".h5";
        save_group_models(found, path, false);
        frame::Block const scores =
            score_groups(load_group_models(context_, path), t, {{"g", "y"}, true}).collect();
        EXPECT_EQ(scores.schema().to_text(),
                  "g:string, y:string, prediction:string, probability_p:float64, "
                  "probability_q:float64, probability_r:float64");
        std::int64_t right = 0;
        for (std::int64_t i = 0; i < scores.rows(); ++i) {
            right += scores.column("prediction").text(i) == scores.column("y").text(i);
            double const q = scores.column("probability_q").values<double>()[i];
            double const p = scores.column("probability_p").values<double>()[i];
            double const r = scores.column("probability_r").values<double>()[i];
            EXPECT_NEAR(p + q + r, 1, 1e-12) << kind;
            if (scores.column("g").text(i) == "b" && kind != "gbt") {
                EXPECT_EQ(q, 0) << kind;
            }
            if (scores.column("g").text(i) == "c") {
                EXPECT_EQ(r, 1) << kind;
            }
        }
        EXPECT_GE(right, kind == "naive-bayes" ? 70 : 80) << kind;
    }
}

TEST_F(GroupModelsTest, ClustersOfGroupsNeedNoLabel) {
    frame::Table const t = table("g,x\na,0\na,0.1\na,9\na,9.1\nb,5\nb,5.5\nb,7\nb,7.5\n", 12);
    GroupModels const found =
        train_groups(t, formula_of(t, "", {"x"}), {{"g"}, "kmeans", {{"clusters", "2"}}});
    frame::Block const scores = score_groups(found, t, {{"g"}, true}).collect();
    EXPECT_EQ(scores.schema().to_text(), "g:string, prediction:int64, distance:float64");
    std::int64_t const* const cluster = scores.column("prediction").values<std::int64_t>();
    for (std::int64_t i : {0, 2, 4, 6}) {
        EXPECT_EQ(cluster[i], cluster[i + 1]);
        if (i % 4 == 0) {
            EXPECT_NE(cluster[i], cluster[i + 2]);
        }
    }
    EXPECT_NEAR(scores.column("distance").values<double>()[0], 0.0025, 1e-12);
}

TEST_F(GroupModelsTest, ADamagedStoreOfModelsIsRefused) {
    frame::Table const t = table("g,x,y\na,1,5\na,2,7.5\na,3,6\na,4,8\n", 12);
    GroupModels models =
        train_groups(t, formula_of(t, "y", {"x"}), {{"g"}, "tree", {{"task", "regression"}}});
    models.recipe.features.push_back({{{"y", std::nullopt}}});
    EXPECT_THAT(test::error_message([&] { score_groups(models, t, {}).collect(); }),
                HasSubstr("has a model of 1 features and 0 classes, expected 2 and 0"));
}

}  // namespace
}  // namespace partita::pipeline
