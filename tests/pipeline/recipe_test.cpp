#include "partita/pipeline/recipe.hpp"

#include "pipeline/rows_of.hpp"
#include "support/error_message.hpp"

#include "partita/core/random.hpp"
#include "partita/io/array_file.hpp"
#include "partita/ml/kmeans.hpp"
#include "partita/pipeline/load.hpp"
#include "partita/pipeline/saved_model.hpp"

#include <cmath>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace partita::pipeline {
namespace {

using testing::ElementsAre;

class RecipeTest : public test::PipelineTest {};

constexpr char people[] =
    "age,city,member,income\n20,Rome,true,1.5\n30,Oslo,false,2.5\n40,Rome,true,3.5\n"
    "50,Bonn,true,4.5\n60,Oslo,false,5.5\n70,Rome,false,6.5\n";

TEST_F(RecipeTest, TextsBecomeIndicatorsByFrequencyWithoutTheLast) {
    frame::Table const t = table(people);
    Recipe recipe = fit_recipe(t, parse_formula("income ~ age + city", t.schema().names()));
    EXPECT_THAT(recipe.feature_names(), ElementsAre("age", "city=Rome", "city=Oslo"));
    LoadedRows const rows = load_rows(t, recipe);
    EXPECT_THAT(all_numbers(*rows.set),
                ElementsAre(20, 1, 0, 30, 0, 1, 40, 1, 0, 50, 0, 0, 60, 0, 1, 70, 1, 0));
    EXPECT_THAT(all_numbers(*rows.set, true), ElementsAre(1.5, 2.5, 3.5, 4.5, 5.5, 6.5));
}

TEST_F(RecipeTest, ProductsMultiplyAndKeepAllTexts) {
    frame::Table const t = table(people);
    Recipe recipe =
        fit_recipe(t, parse_formula("income ~ age:city + member - 1", t.schema().names()));
    EXPECT_THAT(recipe.feature_names(),
                ElementsAre("age:city=Rome", "age:city=Oslo", "age:city=Bonn", "member"));
    EXPECT_FALSE(recipe.intercept);
    std::vector<double> const x = all_numbers(*load_rows(t, recipe).set);
    EXPECT_THAT(std::vector<double>(x.begin() + 12, x.begin() + 16), ElementsAre(0, 0, 50, 1));
}

TEST_F(RecipeTest, NullsAreAnErrorThatNamesRowAndColumnOrAreLeftOut) {
    frame::Table const t = table("a,b,y\n1,2,0\n3,,1\n5,6,0\n,8,1\n9,9,1\n", 8);
    Recipe recipe = fit_recipe(t, formula_of(t, "y", {}));
    std::string const message = test::error_message([&] { load_rows(t, recipe); });
    EXPECT_NE(message.find("row 1, column 'b': expected a number, got nothing"), std::string::npos)
        << message;
    LoadedRows const rows = load_rows(t, recipe, {Nulls::drop});
    EXPECT_EQ(rows.dropped, 2);
    EXPECT_THAT(all_numbers(*rows.set), ElementsAre(1, 2, 5, 6, 9, 9));
}

TEST_F(RecipeTest, TooManyTextsAreRefused) {
    frame::Table const t = table(people);
    std::string const message =
        test::error_message([&] { fit_recipe(t, formula_of(t, "income", {"city"}), 2); });
    EXPECT_NE(message.find("column 'city': expected at most 2 different texts"), std::string::npos)
        << message;
}

TEST_F(RecipeTest, ASavedModelScoresAsTheOneThatWasSaved) {
    frame::Table const t = table(people);
    SavedModel model;
    model.recipe = fit_recipe(t, parse_formula("member ~ age + city", t.schema().names()));
    model.recipe.label_levels = {"no", "yes"};
    model.centre = {45, 0, 0};
    model.scale = {0.1, 1, 1};
    ml::LogisticModel parameters;
    parameters.coefficients = ml::RealMatrix(1, 3);
    for (int j = 0; j < 3; ++j) parameters.coefficients.row(0)[j] = 0.1 * (j + 1) / 3;
    parameters.intercepts = {-HUGE_VAL};
    model.predictor = ml::make_predictor(std::move(parameters));
    std::string const path = folder_.path() + "/m.json";
    if (world_.is_root()) save_model(model, path, false);
    world_.barrier();
    SavedModel const loaded = load_model(path);
    EXPECT_EQ(loaded.predictor->to_json(), model.predictor->to_json());
    EXPECT_EQ(loaded.recipe.feature_names(), model.recipe.feature_names());
    frame::Block const scores = score(loaded, t, {{"age"}, true, Nulls::fail}).collect();
    EXPECT_EQ(scores.schema().to_text(),
              "age:int64, prediction:string, probability_no:float64, probability_yes:float64");
    EXPECT_EQ(scores.rows(), 6);
    EXPECT_EQ(scores.column("prediction").text(3), "no");
    EXPECT_EQ(scores.column("probability_no").values<double>()[5], 1);
    EXPECT_EQ(scores.column("age").values<std::int64_t>()[4], 60);
}

TEST_F(RecipeTest, ALargeModelKeepsItsArraysInHdf5) {
    frame::Table const t = table(people);
    SavedModel model;
    model.recipe = fit_recipe(t, parse_formula("~ age + city", t.schema().names()));
    ml::KMeansModel parameters;
    parameters.centres = ml::RealMatrix(30000, 3);
    RandomStream random(5);
    for (std::int64_t i = 0; i < 30000; ++i)
        for (int j = 0; j < 3; ++j) parameters.centres.row(i)[j] = random.uniform() / 3;
    model.predictor = ml::make_predictor(std::move(parameters));
    std::string const path = folder_.path() + "/large.model";
    if (world_.is_root()) save_model(model, path, false);
    world_.barrier();
    io::ArrayFile file = io::read_array_file(path);
    EXPECT_EQ(file.numbers.size(), 90000u);
    EXPECT_LT(file.text.size(), 4000u);
    EXPECT_TRUE(load_model(path).predictor->to_json() == model.predictor->to_json());

    auto const message = [&](io::ArrayFile const& damaged) {
        std::string const bad = folder_.path() + "/bad.model";
        world_.barrier();
        if (world_.is_root()) io::write_array_file(bad, damaged);
        world_.barrier();
        std::string const all = test::error_message([&] { load_model(bad); });
        return all.substr(all.find("bad.model"));
    };
    file.numbers.pop_back();
    EXPECT_EQ(message(file),
              "bad.model: damaged model: expected 90000 numbers from 0 on, got 89999 in all");
    file.text = "{}";
    EXPECT_EQ(message(file), "bad.model: expected a model that partita train wrote");
}

TEST_F(RecipeTest, DamagedModelsAreRefusedInOneSentence) {
    auto const message = [&](std::string const& text) {
        std::string const path = folder_.path() + "/bad.json";
        if (world_.is_root()) std::ofstream(path) << text;
        world_.barrier();
        std::string const all = test::error_message([&] { load_model(path); });
        world_.barrier();
        return all.substr(all.find("bad.json"));
    };
    EXPECT_EQ(message("{}"), "bad.json: expected a model that partita train wrote");
    EXPECT_EQ(message("not json"), "bad.json: expected a model that partita train wrote");
    EXPECT_EQ(message(R"({"format": "partita model", "version": 99})"),
              "bad.json: expected a model of format version 3 or older, got 99");
    EXPECT_THAT(message(R"({"format": "partita model", "version": 1, "kind": "linear"})"),
                testing::StartsWith("bad.json: damaged model: "));
}

}  // namespace
}  // namespace partita::pipeline
