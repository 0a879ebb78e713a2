"""Models of real tables, against answers computed by R and scikit-learn.

    python3 learning.py PARTITA DATA
"""

import hashlib
import json
import os
import re
import statistics
import sys
import unittest

from learning_case import DATA, LearningCase, run


class Logistic(LearningCase):
    def test_games_is_the_unpenalised_optimum_and_scores_are_equal_for_all_ranks(self):
        truth = self.answers["games"]["logreg_mle"]
        digests = set()
        for ranks in (1, 2, 3, 7):
            model, printed = self.train("logistic", "games-expand/games-expand.csv", "--label",
                                        "label", ranks=ranks)
            self.expect_close(model["coefficients"]["values"], truth["coef"], 1e-8)
            self.expect_close(model["intercepts"], [truth["intercept"]], 1e-8)
            self.assertIn("15702.84421", printed)
            scores = self.path("scores.csv")
            run(ranks, "predict", self.path("model"),
                os.path.join(DATA, "games-expand/games-expand.csv"), "--id", "label", "--proba",
                "--overwrite", "--out", scores)
            with open(scores, "rb") as file:
                digests.add(hashlib.sha256(file.read()).hexdigest())
        self.assertEqual(len(digests), 1)
        for ranks in (1, 3):
            found = self.figures("games-expand/games-expand.csv", ranks=ranks)
            self.assertAlmostEqual(found["auc"], truth["auc_train"], places=12)
            self.assertAlmostEqual(found["log_loss"], truth["logloss_train"], places=10)
            self.assertAlmostEqual(found["accuracy"], truth["acc_train"], places=12)

    def test_higgs_is_judged_on_other_rows(self):
        truth = self.answers["higgs_lightgbm_mle"]
        options = ["--header", "no", "--separator", "tab"]
        model, _ = self.train("logistic", "higgs/binary.train", "--label", "c1", *options)
        self.expect_close(model["coefficients"]["values"], truth["coef"][0], 1e-6)
        self.assertAlmostEqual(self.figures("higgs/binary.train", *options)["auc"],
                               truth["auc_train"], places=9)
        self.assertAlmostEqual(self.figures("higgs/binary.test", *options)["auc"],
                               truth["auc_test"], places=7)

    def test_adult_with_a_formula_has_the_deviance_of_scikit_learn(self):
        import pandas
        from sklearn.linear_model import LogisticRegression
        from sklearn.metrics import log_loss, roc_auc_score
        model, _ = self.train("logistic", "adult/adult-train.csv", "--header", "no", "--formula",
                              "c15 ~ c1 + c5 + c13 + c10 + c6 + c1:c10")
        found = self.figures("adult/adult-train.csv", "--header", "no")
        frame = pandas.read_csv(os.path.join(DATA, "adult/adult-train.csv"), header=None)
        x = pandas.get_dummies(frame[[0, 4, 12, 9, 5]], columns=[9, 5], drop_first=True)
        for sex in frame[9].unique():
            x[f"age of {sex}"] = frame[0] * (frame[9] == sex)
        x.columns = x.columns.astype(str)
        y = frame[14].str.contains(">50K")
        fit = LogisticRegression(penalty=None, solver="newton-cholesky", tol=1e-10).fit(
            x.drop(columns="0") / 100, y)
        p = fit.predict_proba(x.drop(columns="0") / 100)[:, 1]
        self.assertEqual(found["rows"], 32561)
        self.assertAlmostEqual(found["log_loss"], log_loss(y, p), places=8)
        self.assertAlmostEqual(found["auc"], roc_auc_score(y, p), places=6)

    def test_iris_and_breast_cancer_with_scaled_features(self):
        from sklearn.datasets import load_breast_cancer, load_iris
        for loaded, key in ((load_iris(), "iris_multinomial_C1_std"),
                            (load_breast_cancer(), "breast_cancer_l2_C1_std")):
            truth = self.answers[key]
            # scikit-learn's C is one over the rows times our penalty.
            model, _ = self.train("logistic", self.sklearn_table(loaded), "--label", "y", "--scale",
                                  "--param", f"penalty={1 / truth['n']!r}")
            expected = [c for row in truth["coef"] for c in row]
            self.expect_close(model["coefficients"]["values"], expected, 2e-4)
            found = self.figures(self.path("table.csv"))
            self.assertAlmostEqual(found["log_loss"], truth["logloss"], places=5)
            self.assertAlmostEqual(found["accuracy"], truth["acc_train"], places=12)

    def test_wine_by_naive_bayes(self):
        from sklearn.datasets import load_wine
        truth = self.answers["wine_gnb"]
        table = self.sklearn_table(load_wine())
        model, _ = self.train("naive-bayes", table, "--label", "y")
        self.expect_close(model["means"]["values"], sum(truth["theta"], []), 1e-9)
        self.expect_close(model["variances"]["values"], sum(truth["var"], []), 1e-4)
        self.assertAlmostEqual(self.figures(table)["accuracy"], truth["acc"], 12)

    def test_scoring_groups_by_themselves_gives_the_same_numbers(self):
        """The article numbers partitions, groups by the number, and scores each group."""
        with open(os.path.join(DATA, "games-expand/games-expand.csv")) as file:
            header, *rows = file.read().split("\n")
        rows = [f"{i},{row}" for i, row in enumerate(r for r in rows if r)]
        header = f"user_id,{header}"

        def table(name, lines):
            with open(self.path(name), "w") as out:
                out.write("\n".join([header, *lines]) + "\n")
            return self.path(name)

        def scores(path, ranks):
            out = self.path("scores.csv")
            run(ranks, "predict", self.path("model"), path, "--id", "user_id", "--proba",
                "--overwrite", "--out", out)
            with open(out) as file:
                return file.read().splitlines()[1:]

        whole = table("whole.csv", rows)
        self.train("logistic", whole, "--formula", "label ~ . - user_id", "--sample", "10000",
                   "--on-root")
        together = scores(whole, 3)
        apart = {}
        for partition in range(5):
            lines = scores(table("part.csv", rows[partition::5]), 2)
            apart.update((int(line.split(",")[0]), line) for line in lines)
        self.assertEqual([apart[i] for i in range(len(rows))], together)

    def test_skin(self):
        truth = self.answers["skin_mle_div255"]
        model, _ = self.train("logistic", "skin/Skin_NonSkin.txt", "--label", "skin")
        # Labels are 1 (skin) and 2: the model's odds are those of 2, the answer's those of 1.
        in_units_of_255 = [-255 * c for c in model["coefficients"]["values"]]
        self.expect_close(in_units_of_255, truth["coef"][0], 1e-6)
        self.expect_close([-c for c in model["intercepts"]], truth["intercept"], 1e-6)
        scores = self.path("scores.csv")
        run(3, "predict", self.path("model"), os.path.join(DATA, "skin/Skin_NonSkin.txt"), "--out",
            scores)
        with open(scores) as file:
            self.assertEqual(set(file.read().split()[1:]), {"1", "2"})


class Linear(LearningCase):
    def expect_least_squares(self, name, table, formula, *options):
        truth = self.answers[name]
        model, printed = self.train("linear", table, "--formula", formula, *options)
        self.expect_close([model["intercept"], *model["coefficients"]], truth["coef"], 1e-8)
        self.assertIn(f"{truth['r2']:.6f}", printed)

    def test_advertising(self):
        self.expect_least_squares("advertising_ols", "advertising/Advertising.csv",
                                  "Sales ~ TV + Radio + Newspaper")

    def test_california_housing_leaves_rows_without_numbers_out(self):
        self.expect_least_squares(
            "california_csv_ols", "california-housing/housing.csv",
            "median_house_value ~ . - ocean_proximity", "--nulls", "drop")

    def test_california_housing_with_the_median_in_place_of_nulls(self):
        import pandas
        from sklearn.linear_model import LinearRegression
        frame = pandas.read_csv(os.path.join(DATA, "california-housing/housing.csv"))
        frame["total_bedrooms"] = frame["total_bedrooms"].fillna(frame["total_bedrooms"].median())
        x = pandas.get_dummies(frame.drop(columns="median_house_value"),
                               columns=["ocean_proximity"], drop_first=True)
        fit = LinearRegression().fit(x, frame["median_house_value"])
        self.train("linear", "california-housing/housing.csv", "--label", "median_house_value",
                   "--impute", "median")
        found = self.figures("california-housing/housing.csv")
        self.assertEqual(found["rows"], 20640)
        self.assertAlmostEqual(found["r2"], fit.score(x, frame["median_house_value"]), places=10)

    def test_diabetes(self):
        from sklearn.datasets import load_diabetes
        table = self.sklearn_table(load_diabetes())
        deviation, rows = load_diabetes().target.std(), 442
        for key, options in (("diabetes_ols", []),
                             ("diabetes_ridge_alpha1", [f"penalty={deviation / rows!r}"]),
                             ("diabetes_lasso_alpha.1", ["penalty=0.1", "l1-share=1"])):
            truth = self.answers[key]
            truth = truth["coef"] if key == "diabetes_ols" else truth
            params = [word for option in options for word in ("--param", option)]
            model, _ = self.train("linear", table, "--label", "y", "--raw-penalty", *params)
            self.expect_close([model["intercept"], *model["coefficients"]], truth,
                              1e-3 if "lasso" in key else 1e-8)

    def test_flights(self):
        self.expect_least_squares(
            "hflights_ols_ArrDelay", "hflights/hflights.csv",
            "ArrDelay ~ DepDelay + Distance + TaxiIn + TaxiOut + AirTime + Month + DayOfWeek",
            "--null", "NA", "--nulls", "drop")

    def test_elastic_nets_are_those_of_glmnet(self):
        for case in self.answers["linreg_glmnet"]:
            options = ["--penalty", str(case["lambda"]), "--l1-share", str(case["alpha"])]
            if not case["standardize"]:
                options.append("--raw-penalty")
            model, _ = self.train("linear", "spark/linreg_dense.csv", "--label", "label", *options,
                                  ranks=3)
            self.expect_close([model["intercept"], *model["coefficients"]], case["coef"], 1e-9)


class Sparse(LearningCase):
    """LIBSVM files, whose rows are never written out with their zeros."""

    def test_a9a_gets_as_many_of_the_test_set_right_as_scikit_learn(self):
        truth = self.answers["a9a"]
        _, printed = self.train("logistic", "a9a/a9a", "--libsvm", "--label", "label", "--penalty",
                                repr(1 / truth["train"][0]), "--raw-penalty", ranks=3)
        # Its coefficients are no answer: they stand where it stopped, at a higher objective.
        loss = float(re.search(r"log loss +([0-9.]+)", printed)[1])
        self.assertAlmostEqual(loss, truth["logloss_train_lbfgs"], delta=2e-6)
        digests = set()
        for ranks in (1, 2, 7):
            scores = self.path("scores.csv")
            run(ranks, "predict", self.path("model"), os.path.join(DATA, "a9a/a9a.t"), "--libsvm",
                "--proba", "--overwrite", "--out", scores)
            with open(scores, "rb") as file:
                digests.add(hashlib.sha256(file.read()).hexdigest())
        self.assertEqual(len(digests), 1)
        with open(scores) as file:
            rows = [line.split(",") for line in file.read().split()[1:]]
        self.assertEqual(len(rows), truth["test"][0])
        self.assertEqual(sum(float(row[0]) == float(row[1]) for row in rows),
                         truth["correct_test_lbfgs"])

    def test_sparks_elastic_net(self):
        table = "spark/sample_linear_regression_data.txt"
        model, _ = self.train("linear", table, "--libsvm", "--penalty", "0.3", "--l1-share", "0.8")
        b = model["coefficients"]
        # What Spark prints is its tenth iterate; the objective at the optimum is the answer.
        self.expect_close([model["intercept"], *b],
                          [.15989368, 0, .32292517, -.3438548, 1.9156017, .05288059, .76596272, 0,
                           -.15105393, -.2158793, .22025369], 1e-5)
        with open(os.path.join(DATA, table)) as file:
            lines = [line.split() for line in file]
        y = [float(line[0]) for line in lines]
        x = [[float(entry.split(":")[1]) for entry in line[1:]] for line in lines]
        y_deviation = statistics.pstdev(y)
        squares = sum((t - model["intercept"] - sum(c * v for c, v in zip(b, row))) ** 2
                      for t, row in zip(y, x)) / len(y)
        scaled = [c * statistics.pstdev(column) for c, column in zip(b, zip(*x))]
        penalty = sum(0.8 * abs(c) + 0.1 * c * c / y_deviation for c in scaled)
        objective = squares / 2 / y_deviation ** 2 + 0.3 / y_deviation ** 2 * penalty
        self.assertAlmostEqual(objective, 0.4936351206, delta=1e-10)


class Trees(LearningCase):
    def test_boosted_trees_know_higgs_better_than_a_linear_model(self):
        digests = set()
        for ranks in (1, 3):
            self.train("gbt", "higgs/binary.train", "--header", "no", "--label", "c1", "--rounds",
                       "60", ranks=ranks)
            run(ranks, "predict", self.path("model"), os.path.join(DATA, "higgs/binary.test"),
                "--header", "no", "--id", "c1", "--overwrite", "--out", self.path("scores.csv"))
            for name in ("model", "scores.csv"):
                with open(self.path(name), "rb") as file:
                    digests.add(hashlib.sha256(file.read()).hexdigest())
        self.assertEqual(len(digests), 2)
        with open(self.path("scores.csv")) as file:
            rows = [line.split(",") for line in file.read().split()[1:]]
        right = sum(float(row[0]) == float(row[1]) for row in rows)
        self.assertGreater(right, 350)  # of 500; logistic regression gets 328, LightGBM 373


class KMeans(LearningCase):
    def test_sparks_sample(self):
        model, printed = self.train("kmeans", "spark/kmeans_data.txt", "--header", "no",
                                    "--separator", "blanks", "-k", "2")
        self.assertIn("0.12", printed)
        centres = model["centres"]["values"]
        self.expect_close(sorted(centres), [0.1] * 3 + [9.1] * 3, 1e-9)
        found = self.figures("spark/kmeans_data.txt", "--header", "no", "--separator", "blanks")
        self.assertAlmostEqual(found["silhouette"], .9997530305, places=10)
        self.assertAlmostEqual(found["cost"], .12, places=12)

    def test_iris(self):
        from sklearn.datasets import load_iris
        truth = self.answers["iris_kmeans3"]
        table = self.sklearn_table(load_iris())
        costs = []
        for seed in range(5):
            self.train("kmeans", table, "-k", "3", "--features", "x0,x1,x2,x3", "--seed", str(seed))
            costs.append(self.figures(table)["cost"])
        self.assertAlmostEqual(min(costs), truth["inertia"], places=6)

    def test_principal_axes_of_iris(self):
        from sklearn.datasets import load_iris
        truth = self.answers["iris_pca"]
        self.train("kmeans", self.sklearn_table(load_iris()), "-k", "2", "--features",
                   "x0,x1,x2,x3", "--pca", "4")
        with open(self.path("model")) as file:
            stage = json.load(file)["stages"][0]["parameters"]
        self.expect_close(stage["variances"], truth["explained_variance"], 1e-12)
        self.expect_close([abs(x) for x in stage["axes"][0]], truth["abs_pc1"], 1e-10)


class Groups(LearningCase):
    def test_flights_of_each_carrier_have_the_models_that_numpy_finds(self):
        import numpy
        import pandas
        table = os.path.join(DATA, "hflights/hflights.csv")
        for ranks in (1, 3):
            run(ranks, "train-groups", table, "--by", "UniqueCarrier", "--label", "ArrDelay",
                "--features", "DepDelay,Distance", "--null", "NA", "--nulls", "drop", "--out",
                self.path(f"store{ranks}.h5"))
        with open(self.path("store1.h5"), "rb") as one, open(self.path("store3.h5"), "rb") as three:
            self.assertEqual(one.read(), three.read())
        models = pandas.read_hdf(self.path("store1.h5"), "models")
        frame = pandas.read_csv(table).dropna(subset=["ArrDelay", "DepDelay", "Distance"])
        carriers = sorted(frame["UniqueCarrier"].unique())
        self.assertEqual(list(models["UniqueCarrier"]), carriers)
        for carrier, (_, model) in zip(carriers, models.iterrows()):
            rows = frame[frame["UniqueCarrier"] == carrier]
            # A carrier that flies one distance only: a constant column has the coefficient 0.
            names = ["DepDelay", "Distance"] if rows["Distance"].nunique() > 1 else ["DepDelay"]
            x = numpy.column_stack([numpy.ones(len(rows)), rows[names]])
            truth = [*numpy.linalg.lstsq(x, rows["ArrDelay"], rcond=None)[0], 0][:3]
            self.assertEqual(model["rows"], len(rows))
            self.expect_close([model["intercept"], model["coefficient_DepDelay"],
                               model["coefficient_Distance"]], list(truth), 1e-7)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
