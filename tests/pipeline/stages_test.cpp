#include "partita/pipeline/stages.hpp"

#include "pipeline/rows_of.hpp"

#include "partita/frame/expression.hpp"
#include "partita/pipeline/measure.hpp"
#include "partita/pipeline/pipeline.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace partita::pipeline {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pointwise;
using testing::StartsWith;

class StagesTest : public test::PipelineTest {
  protected:
    /// A stage that was fitted, saved and read again, applied to the table it was fitted on.
    frame::Block fit(Estimator const& stage, frame::Table const& t) {
        auto const fitted = stage.fit(t);
        auto const read = read_transformer(fitted->kind(), fitted->to_json());
        EXPECT_EQ(read->to_json(), fitted->to_json());
        frame::Table const result = transform(t, {read});
        EXPECT_EQ(result.schema(), fitted->output_schema(t.schema()));
        return result.collect();
    }

    /// A column's numbers; nulls as -99.
    static std::vector<double> numbers(frame::Block const& block, std::string const& name) {
        frame::Column const column = frame::cast(block.column(name), frame::Type::float64);
        std::vector<double> all(column.values<double>(), column.values<double>() + column.size());
        for (std::int64_t i = 0; i < column.size(); ++i)
            if (column.is_null(i)) all[static_cast<std::size_t>(i)] = -99;
        return all;
    }

    void expect_near(frame::Block const& block, std::string const& name,
                     std::vector<double> const& expected) {
        EXPECT_THAT(numbers(block, name), Pointwise(testing::DoubleNear(1e-12), expected)) << name;
    }
};

TEST_F(StagesTest, ScalersUseWhatIsThere) {
    frame::Table const t = table("x,y,c\n1,10,7\n2,,7\n3,30,7\n4,50,7\n", 4);
    // numpy: std(ddof 1) of 1..4 = 1.2909944487358056, of 10, 30, 50 = 20.
    frame::Block const mllib = fit(StandardScaler({"x", "y", "c"}), t);
    double const s = 1.2909944487358056;
    expect_near(mllib, "x", {1 / s, 2 / s, 3 / s, 4 / s});
    expect_near(mllib, "y", {.5, -99, 1.5, 2.5});
    expect_near(mllib, "c", {0, 0, 0, 0});
    frame::Block const sklearn = fit(StandardScaler({"x"}, true, true, 0), t);
    double const p = std::sqrt(1.25);
    expect_near(sklearn, "x", {-1.5 / p, -.5 / p, .5 / p, 1.5 / p});
    EXPECT_EQ(sklearn.column("y").type(), frame::Type::int64);
    frame::Block const range = fit(MinMaxScaler({"x", "y", "c"}, -1, 1), t);
    expect_near(range, "x", {-1, -1 + 2.0 / 3, -1 + 4.0 / 3, 1});
    expect_near(range, "y", {-1, -99, 0, 1});
    expect_near(range, "c", {0, 0, 0, 0});
}

TEST_F(StagesTest, NormsAreOfRows) {
    frame::Table const t = table("x,y\n3,-4\n0,0\n1,\n", 4);
    frame::Block const two = fit(Normalizer({"x", "y"}), t);
    expect_near(two, "x", {.6, 0, -99});
    expect_near(two, "y", {-.8, 0, -99});
    expect_near(fit(Normalizer({"x", "y"}, 1), t), "y", {-4.0 / 7, 0, -99});
    expect_near(fit(Normalizer({"x", "y"}, HUGE_VAL), t), "x", {.75, 0, -99});
    EXPECT_THAT(test::error_message([&] { Normalizer({"x"}, .5).fit(t); }), HasSubstr("got 0.5"));
}

TEST_F(StagesTest, MissingValuesAreFilledIn) {
    frame::Table const t = table("x,s\n1,b\n,a\n8,\n2,b\n2.5,a\n2.5,\n100,c\n,b\n", 6);
    expect_near(fit(Imputer({"x"}), t), "x", {1, 116.0 / 6, 8, 2, 2.5, 2.5, 100, 116.0 / 6});
    expect_near(fit(Imputer({"x"}, ImputeBy::median), t), "x", {1, 2.5, 8, 2, 2.5, 2.5, 100, 2.5});
    frame::Block const mode = fit(Imputer({"x", "s"}, ImputeBy::most_frequent), t);
    expect_near(mode, "x", {1, 2.5, 8, 2, 2.5, 2.5, 100, 2.5});
    EXPECT_EQ(mode.column("s").text(2), "b");
    EXPECT_EQ(mode.column("s").null_count(), 0);
    EXPECT_THAT(test::error_message([&] { Imputer({"s"}).fit(t); }),
                HasSubstr("column 's': expected numbers, got texts"));
}

TEST_F(StagesTest, TextsAreNumberedByFrequency) {
    frame::Table const t = table("s,n\nb,1\na,2\nc,3\nc,4\na,5\nc,6\n", 6);
    expect_near(fit(StringIndexer("s", "i"), t), "i", {2, 1, 0, 0, 1, 0});
    auto const fitted = StringIndexer("s", "", HandleInvalid::error).fit(t);
    frame::Table const other = table("s,n\nc,1\nzz,2\n,3\na,4\n", 4);
    EXPECT_THAT(test::error_message([&] { transform(other, {fitted}).collect(); }),
                HasSubstr("column 's': expected one of the 3 texts that the indexer knows, got"));
    frame::Block const kept =
        transform(other, {StringIndexer("s", "i", HandleInvalid::keep).fit(t)}).collect();
    expect_near(kept, "i", {0, 3, 3, 1});
    frame::Block const skipped =
        transform(other, {StringIndexer("s", "i", HandleInvalid::skip).fit(t)}).collect();
    expect_near(skipped, "i", {0, 1});
    expect_near(skipped, "n", {1, 4});
    EXPECT_THAT(test::error_message([&] { StringIndexer("n").fit(t); }),
                HasSubstr("column 'n': expected texts, got numbers"));
}

TEST_F(StagesTest, IndicesBecomeIndicators) {
    frame::Table const t = table("i\n0\n2\n1\n2\n", 2);
    frame::Block const dropped = fit(OneHotEncoder("i"), t);
    EXPECT_EQ(dropped.schema().to_text(), "i:int64, i_0:float64, i_1:float64");
    expect_near(dropped, "i_0", {1, 0, 0, 0});
    expect_near(dropped, "i_1", {0, 0, 1, 0});
    expect_near(fit(OneHotEncoder("i", false), t), "i_2", {0, 1, 0, 1});
    frame::Table const other = table("i\n3\n1\n", 2);
    EXPECT_THAT(
        test::error_message([&] { transform(other, {OneHotEncoder("i").fit(t)}).collect(); }),
        HasSubstr("column 'i': expected a whole number from 0 to 2, got 3"));
    frame::Block const kept =
        transform(other, {OneHotEncoder("i", false, HandleInvalid::keep).fit(t)}).collect();
    expect_near(kept, "i_invalid", {1, 0});
}

TEST_F(StagesTest, ProductsOfColumns) {
    frame::Table const t = table("a,b\n2,3\n,5\n", 4);
    frame::Block const all = fit(PolynomialExpansion({"a", "b"}, 3), t);
    EXPECT_EQ(all.schema().to_text(),
              "a:int64, b:int64, a^3:float64, a^2*b:float64, a^2:float64, a*b^2:float64, "
              "a*b:float64, b^3:float64, b^2:float64");
    expect_near(all, "a^2*b", {12, -99});
    expect_near(all, "b^3", {27, 125});
}

TEST_F(StagesTest, BucketsHoldTheirLowerEnds) {
    frame::Table const t = table("x\n0\n1\n1.5\n2\n3\n", 2);
    expect_near(fit(Bucketizer("x", {0, 1, 2, 3}, "b"), t), "b", {0, 1, 1, 2, 2});
    EXPECT_THAT(test::error_message([&] {
                    transform(t, {Bucketizer("x", {0, 1, 2}).fit(t)}).collect();
                }),
                HasSubstr("column 'x': expected a number from 0 to 2, got 3"));
    frame::Block const kept =
        transform(t, {Bucketizer("x", {0, 1, 2}, "b", HandleInvalid::keep).fit(t)}).collect();
    expect_near(kept, "b", {0, 1, 1, 1, 2});
    EXPECT_THAT(test::error_message([&] {
                    Bucketizer("x", {0, 2, 1}).fit(t);
                }),
                HasSubstr("ascending splits"));
    // pandas.qcut of these: 1 | 1.5, so two buckets of 2 and 3.
    expect_near(fit(QuantileDiscretizer("x", 2, "b"), t), "b", {0, 0, 1, 1, 1});
    expect_near(fit(QuantileDiscretizer("x", 4, "b"), t), "b", {0, 1, 2, 3, 3});
    expect_near(fit(QuantileDiscretizer("x", 2, "b"), table("x\n5\n5\n5\n", 2)), "b", {1, 1, 1});
}

TEST_F(StagesTest, PrincipalAxesOfAKnownExample) {
    // Points on the line y = 2x, away from the origin: one axis (1, 2) / sqrt 5 has all variance.
    frame::Table const t = table("x,y\n101,2\n102,4\n103,6\n,7\n104,8\n", 8);
    auto const fitted = Pca({"x", "y"}, 2).fit(t);
    frame::Block const all = fit(Pca({"x", "y"}, 2), t);
    double const r = std::sqrt(5);
    EXPECT_THAT(
        numbers(all, "pc1"),
        Pointwise(DoubleNear(1e-9), std::vector<double>{-1.5 * r, -.5 * r, .5 * r, -99, 1.5 * r}));
    EXPECT_THAT(numbers(all, "pc2"),
                Pointwise(DoubleNear(1e-9), std::vector<double>{0, 0, 0, -99, 0}));
    EXPECT_THAT(test::error_message([&] {
                    Pca({"x", "y"}, 3).fit(t);
                }),
                HasSubstr("expected 1 to 2 components, got 3"));
}

TEST_F(StagesTest, AStageThatLacksItsColumnSaysSo) {
    frame::Table const t = table("age\n1\n2\n", 2);
    EXPECT_THAT(test::error_message([&] { StandardScaler({"agee"}).fit(t); }),
                HasSubstr("no column 'agee' (did you mean 'age'?)"));
    auto const fitted = StandardScaler({"age"}).fit(t);
    EXPECT_THAT(test::error_message([&] { transform(table("ages\n1\n"), {fitted}); }),
                HasSubstr("no column 'age' (did you mean 'ages'?)"));
    EXPECT_THAT(test::error_message([&] { read_transformer("scale", R"({"columns": ["a"]})"); }),
                StartsWith("a parameter of the stage 'scale' is damaged"));
    EXPECT_THAT(test::error_message([&] { read_transformer("scales", "{}"); }),
                HasSubstr("got 'scales'"));
}

class PipelineFitTest : public StagesTest {
  protected:
    std::string people(int rows) {
        RandomStream random(8);
        std::string text = "id,age,city,income,bought\n";
        for (int i = 0; i < rows; ++i) {
            double const age = 20 + 50 * random.uniform();
            char const* const city = i % 3 == 0 ? "Rome" : i % 5 == 0 ? "Oslo" : "Bonn";
            double const score = (age - 45) / 15 + (i % 3 == 0) + random.normal();
            text += std::to_string(i) + ',' + (i % 11 == 4 ? "" : std::to_string(age)) + ',' +
                    city + ',' + std::to_string(1000 * random.uniform()) + ',' +
                    (score > 0 ? "yes" : "no") + '\n';
        }
        return text;
    }

    Pipeline pipeline() {
        Pipeline p;
        p.add(Imputer({"age"}, ImputeBy::median))
            .add(StandardScaler({"age", "income"}, true))
            .add(PolynomialExpansion({"age"}, 2))
            .add(StringIndexer("city", "place", HandleInvalid::keep))
            .add(OneHotEncoder("place", true, HandleInvalid::keep))
            .learn("logistic", "bought ~ age + income + `age^2` + place_0 + place_1",
                   {{"penalty", "0.01"}});
        return p;
    }
};

TEST_F(PipelineFitTest, APipelineIsSavedAndScoresAsItWasFitted) {
    frame::Table const t = table(people(300), 500);
    Fitted fitted;
    SavedModel const model = pipeline().fit(t, &fitted);
    EXPECT_EQ(model.rows, 300);
    EXPECT_EQ(fitted.summary.rows, 300);
    std::string const path = folder_.path() + "/p.json";
    if (world_.is_root()) save_model(model, path, false);
    world_.barrier();
    SavedModel const loaded = load_model(path);
    EXPECT_THAT(loaded.columns(), testing::UnorderedElementsAre("age", "income", "city"));
    frame::Block const scores =
        score(loaded, t, {{"id", "city", "age"}, true, Nulls::fail}).collect();
    ASSERT_EQ(scores.rows(), 300);
    // Columns are kept as they came, not as stages changed them.
    EXPECT_EQ(scores.schema().to_text(),
              "id:int64, city:string, age:float64, prediction:string, probability_no:float64, "
              "probability_yes:float64");
    EXPECT_EQ(scores.column("city").text(3), "Rome");
    EXPECT_TRUE(scores.column("age").is_null(4));
    // By hand, of the stages' own columns.
    frame::Block const columns = transform(t, model.stages).collect();
    auto const& object = *loaded.predictor;
    for (std::int64_t i = 0; i < 300; i += 37) {
        std::vector<double> x;
        for (char const* name : {"age", "income", "age^2", "place_0", "place_1"})
            x.push_back(numbers(columns, name)[static_cast<std::size_t>(i)]);
        double value = 0;
        std::vector<double> probability(2);
        object.predict({x.data(), 1, 5}, &value, probability.data());
        EXPECT_EQ(numbers(scores, "probability_yes")[static_cast<std::size_t>(i)], probability[1]);
    }
}

TEST_F(PipelineFitTest, StagesAreFittedOnEachFoldsTrainingRows) {
    frame::Table const t = table(people(200), 500);
    ValidationOptions options;
    options.folds = 2;
    options.metric = "auc";
    ParamGrid grid;
    grid.add("penalty", {"0.001", "1000"});
    Validation const found = pipeline().cross_validate(t, grid, options);
    ASSERT_EQ(found.folds(), 2);
    EXPECT_GT(found.mean(0), .7);
    // Alone: fit on the rows of one fold, judge by the other.
    auto const held_out = [&](std::int64_t row) { return fold_of_row(row, 0, options) == 1; };
    SavedModel const model =
        pipeline()
            .learn("logistic", "bought ~ age + income + `age^2` + place_0 + place_1",
                   {{"penalty", "0.001"}})
            .fit(rows_where(t, [&](auto row) { return !held_out(row); }));
    frame::Table const prepared = transform(rows_where(t, held_out), model.stages);
    Recipe recipe = model.recipe;
    LoadedRows const rows = load_rows(prepared, recipe);
    EXPECT_NEAR(measure(context_, *rows.set, *model.predictor, "auc"), found.scores[0][1], 1e-12);
}

}  // namespace
}  // namespace partita::pipeline
