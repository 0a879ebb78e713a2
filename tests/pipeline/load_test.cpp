#include "partita/pipeline/load.hpp"

#include "pipeline/rows_of.hpp"

#include "partita/ml/logistic_regression.hpp"
#include "partita/ml/predictor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace partita::pipeline {
namespace {

class LoadTest : public test::PipelineTest {
  protected:
    /// y depends on a and b; y is `low` or `high`, b is missing now and then.
    std::string text(int rows, char const* low, char const* high) {
        std::string all = "a,b,y\n";
        RandomStream random(11);
        for (int i = 0; i < rows; ++i) {
            double const a = random.uniform(), b = random.uniform();
            bool const positive = a - b + .3 * random.normal() > 0;
            all += std::to_string(a) + ',' + (i % 17 == 5 ? "" : std::to_string(b)) + ',' +
                   (positive ? high : low) + '\n';
        }
        return all;
    }
};

TEST_F(LoadTest, WhatDoesNotFitLiesInScratchAndGivesTheSameBits) {
    frame::Table const t = table(text(500, "0", "1"), 300);
    Recipe recipe = fit_recipe(t, formula_of(t, "y", {}));
    LoadOptions options{Nulls::drop};
    options.block_rows = 16;
    LoadedRows const memory = load_rows(t, recipe, options);
    EXPECT_FALSE(memory.in_scratch);
    EXPECT_EQ(memory.rows(), 470);
    std::vector<double> const x = all_numbers(*memory.set), y = all_numbers(*memory.set, true);
    std::string const model =
        ml::make_predictor(ml::fit_logistic_regression(world_, *memory.set).model)->to_json();
    // Rounds of a single row when ranks move what others own; of three; of all.
    for (std::int64_t const bytes : {8, 300, 4000}) {
        options.memory_bytes = bytes;
        LoadedRows const scratch = load_rows(t, recipe, options);
        EXPECT_TRUE(scratch.in_scratch || bytes == 4000);
        EXPECT_EQ(scratch.dropped, 30);
        EXPECT_EQ(all_numbers(*scratch.set), x) << bytes;
        EXPECT_EQ(all_numbers(*scratch.set, true), y) << bytes;
        auto fit = ml::fit_logistic_regression(world_, *scratch.set);
        EXPECT_EQ(ml::make_predictor(std::move(fit.model))->to_json(), model) << bytes;
    }
}

TEST_F(LoadTest, ClassesAreNumberedInMemoryAndInScratch) {
    frame::Table const t = table(text(100, "-3", "2.5"), 200);
    for (std::int64_t const bytes : {8, 0}) {
        Recipe recipe = fit_recipe(t, formula_of(t, "y", {"a"}));
        LoadOptions options;
        options.classify = true;
        options.memory_bytes = bytes;
        LoadedRows const rows = load_rows(t, recipe, options);
        EXPECT_EQ(rows.in_scratch, bytes == 8);
        EXPECT_THAT(recipe.label_numbers, testing::ElementsAre(-3, 2.5));
        for (double const label : all_numbers(*rows.set, true))
            EXPECT_TRUE(label == 0 || label == 1) << label;
        LoadedRows const again = load_rows(t, recipe, options);
        EXPECT_EQ(all_numbers(*again.set, true), all_numbers(*rows.set, true));
    }
}

TEST_F(LoadTest, WeightsComeWithTheirRowsFromMemoryAndScratch) {
    std::string all = "a,w,y\n";
    for (int i = 0; i < 90; ++i) all += fmt::format("{},{},{}\n", i, i % 4 * 0.5, i % 2);
    frame::Table const t = table(all, 200);
    for (std::int64_t const bytes : {8, 0}) {
        Recipe recipe = fit_recipe(t, formula_of(t, "y", {"a"}));
        LoadOptions options;
        options.weights = "w";
        options.memory_bytes = bytes;
        options.block_rows = 16;
        LoadedRows const rows = load_rows(t, recipe, options);
        EXPECT_EQ(rows.in_scratch, bytes == 8);
        RowRange const blocks = rows.set->blocking().blocks_of(world_.rank(), world_.size());
        ml::BatchBuffer buffer;
        for (std::int64_t b = blocks.first; b < blocks.last; ++b) {
            ml::Batch const batch = rows.set->read(rows.set->blocking().block(b), buffer);
            for (std::int64_t i = 0; i < batch.rows.size(); ++i) {
                std::int64_t const row = batch.rows.first + i;
                EXPECT_EQ(batch.x.row_data(i)[0], static_cast<double>(row));
                EXPECT_EQ(batch.weight(i), static_cast<double>(row % 4) * 0.5);
                EXPECT_EQ(batch.y[static_cast<std::size_t>(i)], static_cast<double>(row % 2));
            }
        }
    }
}

TEST_F(LoadTest, LabelsWithAGapAreNumbered) {
    frame::Table const t = table("a,y\n1,0\n2,.5\n3,2\n", 200);
    Recipe recipe = fit_recipe(t, formula_of(t, "y", {}));
    LoadOptions options;
    options.classify = true;
    load_rows(t, recipe, options);
    EXPECT_THAT(recipe.label_numbers, testing::ElementsAre(0, .5, 2));
}

TEST_F(LoadTest, RowsWithoutALabelAreAnErrorOrLeftOut) {
    frame::Table const t = table("a,y\n1,5\n2,\n3,7\n", 8);
    Recipe recipe = fit_recipe(t, formula_of(t, "y", {}));
    LoadedRows const rows = load_rows(t, recipe, {Nulls::drop});
    EXPECT_THAT(all_numbers(*rows.set, true), testing::ElementsAre(5, 7));
    EXPECT_EQ(rows.dropped, 1);
    EXPECT_THAT(test::error_message([&] { load_rows(t, recipe); }),
                testing::HasSubstr("row 1, column 'y': expected a label, got nothing"));
}

TEST_F(LoadTest, ProductsThatAreNotFiniteAreRefused) {
    frame::Table const t = table("a,b,y\n1,5,0\n1e200,1e200,1\n3,7,1\n", 8);
    Recipe recipe = fit_recipe(t, parse_formula("y ~ a:b", t.schema().names()));
    EXPECT_THAT(test::error_message([&] { load_rows(t, recipe); }),
                testing::HasSubstr("row 1, feature 'a:b': expected a finite number, got inf"));
}

TEST_F(LoadTest, RootGetsAllRows) {
    frame::Table const t = table(text(60, "0", "1"), 200);
    Recipe recipe = fit_recipe(t, formula_of(t, "y", {}));
    LoadedRows const rows = load_rows(t, recipe, {Nulls::drop});
    auto const on_root = set_on_root(world_, *rows.set, 1 << 20);
    EXPECT_EQ(on_root->rows(), world_.is_root() ? rows.rows() : 0);
    std::string const message = test::error_message([&] { set_on_root(world_, *rows.set, 100); });
    EXPECT_THAT(message, testing::StartsWith("--on-root: the rows take 1.3"));
}

}  // namespace
}  // namespace partita::pipeline
