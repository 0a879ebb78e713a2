"""tools/sklearn_export.py: models of scikit-learn score the same rows the same way here."""
import csv
import os
import sys
import unittest

from partita_case import PartitaCase

try:
    import numpy as np
    import sklearn.cluster
    import sklearn.ensemble
    import sklearn.linear_model
    import sklearn.naive_bayes
    import sklearn.pipeline
    import sklearn.preprocessing
    import sklearn.tree
    MISSING = None
except ImportError as error:
    MISSING = f"{error}: install python3-sklearn"

TOOLS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools")
sys.path.insert(0, TOOLS)

ROWS, TRAINED, FEATURES = 10_000, 600, 5


@unittest.skipIf(MISSING, MISSING)
class Sklearn(PartitaCase):
    def setUp(self):
        super().setUp()
        random = np.random.default_rng(11)
        self.x = random.normal(size=(ROWS, FEATURES))
        self.x[:, 3] = np.round(self.x[:, 3], 1)  # thresholds that many values lie on
        score = self.x[:, 0] - self.x[:, 1] * self.x[:, 2] + random.normal(size=ROWS)
        self.value = score
        self.two = np.where(score > 0, "yes", "no")
        self.three = np.digitize(score, [-1, 1]) + 1  # 1, 2, 3
        with open(self.path("t.csv"), "w") as out:
            out.write(",".join(f"x{i}" for i in range(FEATURES)) + "\n")
            np.savetxt(out, self.x, fmt="%.17g", delimiter=",")

    def scores(self, estimator, *options):
        from sklearn_export import write_model
        write_model(estimator, self.path("m"))
        self.succeed("predict", "m", "t.csv", *options, "--overwrite", "--out", "s.csv")
        with open(self.path("s.csv")) as lines:
            rows = list(csv.reader(lines))
        return rows[0], rows[1:]

    def expect_values(self, estimator):
        estimator.fit(self.x[:TRAINED], self.value[:TRAINED])
        _, rows = self.scores(estimator)
        got = np.array(rows, dtype=float)[:, 0]
        np.testing.assert_allclose(got, estimator.predict(self.x), rtol=1e-12, atol=1e-12)

    def expect_classes(self, estimator, labels):
        estimator.fit(self.x[:TRAINED], labels[:TRAINED])
        header, rows = self.scores(estimator, "--proba")
        self.assertEqual(header[1:], [f"probability_{c}" for c in estimator.classes_])
        got = np.array([row[1:] for row in rows], dtype=float)
        np.testing.assert_allclose(got, estimator.predict_proba(self.x), rtol=1e-12, atol=1e-12)
        self.assertEqual([row[0] for row in rows], [str(c) for c in estimator.predict(self.x)])

    def test_regressions(self):
        forest = sklearn.ensemble.RandomForestRegressor(10, max_depth=8, random_state=1)
        for estimator in (sklearn.linear_model.LinearRegression(),
                          sklearn.tree.DecisionTreeRegressor(random_state=1), forest,
                          sklearn.ensemble.GradientBoostingRegressor(n_estimators=20)):
            with self.subTest(estimator):
                self.expect_values(estimator)

    def test_classifiers(self):
        scaled = sklearn.pipeline.make_pipeline(sklearn.preprocessing.StandardScaler(),
                                                sklearn.linear_model.LogisticRegression())
        for estimator in (scaled, sklearn.naive_bayes.GaussianNB(),
                          sklearn.ensemble.RandomForestClassifier(10, random_state=1),
                          sklearn.ensemble.GradientBoostingClassifier(n_estimators=10)):
            for labels in (self.two, self.three):
                with self.subTest(estimator, labels=labels[0]):
                    self.expect_classes(estimator, labels)

    def test_clusters(self):
        estimator = sklearn.cluster.KMeans(4, n_init=1, random_state=1).fit(self.x)
        _, rows = self.scores(estimator, "--proba")
        got = np.array(rows, dtype=float)
        self.assertEqual(got[:, 0].tolist(), estimator.predict(self.x).tolist())
        np.testing.assert_allclose(np.sqrt(got[:, 1]), estimator.transform(self.x).min(axis=1),
                                   rtol=1e-12, atol=1e-12)

    def test_a_scaler_alone_scales_columns(self):
        from sklearn_export import write_model
        scaler = sklearn.preprocessing.StandardScaler().fit(self.x)
        names = [f"x{j}" for j in range(self.x.shape[1])]
        write_model(scaler, self.path("scaler"), names)
        with open(self.path("columns.csv"), "w") as file:
            file.write(",".join(["id", *names]) + "\n")
            for i, row in enumerate(self.x):
                file.write(",".join([str(i), *(repr(float(v)) for v in row)]) + "\n")
        self.succeed("predict", "scaler", "columns.csv", "--id", "id", "--out", "scaled.csv",
                     ranks=2)
        got = np.genfromtxt(self.path("scaled.csv"), delimiter=",", names=True)
        self.assertEqual(list(got.dtype.names), ["id", *names])
        np.testing.assert_allclose(np.array([got[name] for name in names]).T,
                                   scaler.transform(self.x), rtol=1e-12, atol=1e-12)
        self.assertIn("stage: scale of", self.succeed("model", "scaler"))
        self.fail_with("expected a model that predicts, got one that only transforms columns",
                       "evaluate", "scaler", "columns.csv")
        self.fail_with("column 'x0' is changed by the model: expected to keep others", "predict",
                       "scaler", "columns.csv", "--id", "x0", "--out", "y.csv")

    def test_other_estimators_are_refused(self):
        from sklearn_export import Unknown, write_model
        pca = sklearn.pipeline.make_pipeline(sklearn.preprocessing.MinMaxScaler(),
                                             sklearn.linear_model.LinearRegression())
        pca.fit(self.x, self.value)
        with self.assertRaisesRegex(Unknown, "expected a StandardScaler and a model, got MinMax"):
            write_model(pca, self.path("m"))


if __name__ == "__main__":
    unittest.main()
