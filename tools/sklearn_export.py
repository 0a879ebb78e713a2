#!/usr/bin/env python3
"""Write a fitted scikit-learn model as a model that partita predict reads.

    tools/sklearn_export.py model.joblib --out m.model [--features a,b,c] [--label y]

Known: LinearRegression, Ridge, Lasso, ElasticNet, LogisticRegression, GaussianNB, KMeans, decision
trees, random forests and gradient boosting, each alone or behind a StandardScaler in a Pipeline; and a
StandardScaler alone, with which predict writes the scaled columns.
From Python: write_model(estimator, "m.model", features=["a", "b"], label="y").

Scores are those of scikit-learn to about 1e-15. Its trees round features to float32 before they
compare; the thresholds that are written say the same of the unrounded numbers.
"""

import argparse
import json
import math
import os
import sys
import tempfile

import numpy as np


class Unknown(ValueError):
    """An estimator, or a parameter of one, that the format has no words for."""


def matrix(values):
    values = np.atleast_2d(np.asarray(values, dtype=float))
    return {"rows": values.shape[0], "columns": values.shape[1], "values": values.ravel().tolist()}


def linear(estimator):
    coefficients = np.asarray(estimator.coef_, dtype=float)
    if coefficients.ndim > 1 and coefficients.shape[0] > 1:
        raise Unknown(f"expected one target, got {coefficients.shape[0]}")
    return "linear", {"coefficients": coefficients.ravel().tolist(),
                      "intercept": float(np.ravel(estimator.intercept_)[0])}


def logistic(estimator):
    way = getattr(estimator, "multi_class", "auto")
    classes = len(estimator.classes_)
    if classes > 2 and (way == "ovr" or (way in ("auto", "deprecated") and
                                         estimator.solver == "liblinear")):
        raise Unknown("expected a multinomial model, got one against the rest for each class")
    # Two classes by softmax have scores -z and z.
    factor = 2 if classes == 2 and way == "multinomial" else 1
    return "logistic", {"coefficients": matrix(factor * estimator.coef_),
                        "intercepts": (factor * np.ravel(estimator.intercept_)).tolist()}


def naive_bayes(estimator):
    return "naive-bayes", {"priors": estimator.class_prior_.tolist(),
                           "means": matrix(estimator.theta_), "variances": matrix(estimator.var_)}


def kmeans(estimator):
    return "kmeans", {"centres": matrix(estimator.cluster_centers_)}


def unrounded_threshold(threshold):
    """The largest double that rounds to a float32 of at most `threshold`."""
    below = np.float32(threshold)
    if float(below) > threshold:
        below = np.nextafter(below, np.float32(-np.inf))
    above = np.nextafter(below, np.float32(np.inf))
    if not np.isfinite(above):
        return float(below)
    middle = (float(below) + float(above)) / 2  # exact; it rounds to the even one of both
    return middle if below.view(np.int32) % 2 == 0 else math.nextafter(middle, -math.inf)


def tree_arrays(tree, leaf_values):
    """scikit-learn's tree, with siblings side by side and after their parent.

    leaf_values(node) is the list of a leaf's numbers.
    """
    features, thresholds, children, values = [], [], [], []
    order = [0]
    leaves = 0
    for node in order:  # grows while it is walked
        if tree.children_left[node] < 0:
            features.append(-1)
            thresholds.append(0.0)
            children.append(leaves)
            values += leaf_values(node)
            leaves += 1
            continue
        features.append(int(tree.feature[node]))
        thresholds.append(unrounded_threshold(tree.threshold[node]))
        children.append(len(order))
        order += [tree.children_left[node], tree.children_right[node]]
    return {"feature": features, "threshold": thresholds, "child": children, "values": values}


def voting_tree(estimator, classes):
    def leaf_values(node):
        value = estimator.tree_.value[node, 0]
        return (value / value.sum()).tolist() if classes else [float(value[0])]

    if estimator.n_outputs_ != 1:
        raise Unknown(f"expected one target, got {estimator.n_outputs_}")
    return tree_arrays(estimator.tree_, leaf_values)


def ensemble(estimator, trees, base=()):
    importances = np.nan_to_num(estimator.feature_importances_)
    return {"features": int(estimator.n_features_in_), "classes": class_count(estimator),
            "base": [float(b) for b in base], "importances": importances.tolist(), "trees": trees}


def class_count(estimator):
    return len(estimator.classes_) if hasattr(estimator, "classes_") else 0


def forest(estimator):
    trees = getattr(estimator, "estimators_", [estimator])
    kind = "forest" if hasattr(estimator, "estimators_") else "tree"
    classes = class_count(estimator)
    return kind, ensemble(estimator, [voting_tree(tree, classes) for tree in trees])


def boosting(estimator):
    if estimator.init is not None and estimator.init != "zero":
        raise Unknown("expected the usual init or 'zero', got an estimator")
    if getattr(estimator, "loss", "") not in ("log_loss", "deviance", "squared_error", "ls"):
        raise Unknown(f"expected log_loss or squared_error, got {estimator.loss}")
    base = np.ravel(estimator._raw_predict_init(np.zeros((1, estimator.n_features_in_))))
    rate = estimator.learning_rate
    trees = [tree_arrays(tree.tree_, lambda node, t=tree: [rate * float(t.tree_.value[node, 0, 0])])
             for stage in estimator.estimators_ for tree in stage]
    return "gbt", ensemble(estimator, trees, base)


WRITERS = {
    "LinearRegression": linear, "Ridge": linear, "Lasso": linear, "ElasticNet": linear,
    "LogisticRegression": logistic, "GaussianNB": naive_bayes,
    "KMeans": kmeans, "MiniBatchKMeans": kmeans,
    "DecisionTreeClassifier": forest, "DecisionTreeRegressor": forest,
    "RandomForestClassifier": forest, "RandomForestRegressor": forest,
    "ExtraTreesClassifier": forest, "ExtraTreesRegressor": forest,
    "GradientBoostingClassifier": boosting, "GradientBoostingRegressor": boosting,
}


def split_pipeline(estimator):
    """The StandardScaler, or None, and the model."""
    if not hasattr(estimator, "steps"):
        return None, estimator
    steps = [step for _, step in estimator.steps if step not in (None, "passthrough")]
    names = [type(step).__name__ for step in steps]
    if len(steps) > 2 or (len(steps) == 2 and names[0] != "StandardScaler"):
        raise Unknown(f"expected a StandardScaler and a model, got {', '.join(names)}")
    return (steps[0] if len(steps) == 2 else None), steps[-1]


def label_facts(model):
    """How the classes are named: the format numbers them 0, 1, ..."""
    facts = {"label_levels": [], "label_numbers": []}
    classes = getattr(model, "classes_", None)
    if classes is None:
        return facts
    if np.issubdtype(np.asarray(classes).dtype, np.number) or \
            np.asarray(classes).dtype == bool:
        numbers = [float(c) for c in classes]
        facts["label_numbers"] = [] if numbers == list(range(len(numbers))) else numbers
    else:
        facts["label_levels"] = [str(c) for c in classes]
    return facts


def scaling(scaler):
    """Centre and factor of each feature, as lists."""
    count = int(scaler.n_features_in_)
    centre = np.zeros(count) if scaler.mean_ is None else scaler.mean_
    scale = np.ones(count) if scaler.scale_ is None else 1 / scaler.scale_
    return centre.tolist(), scale.tolist()


def names_of(estimator, count, features):
    if features is None:
        features = getattr(estimator, "feature_names_in_", [f"x{i}" for i in range(count)])
    features = [str(name) for name in features]
    if len(features) != count:
        raise Unknown(f"expected {count} names of features, got {len(features)}")
    return features


def scaler_model(scaler, features):
    """A model that transforms columns and predicts nothing."""
    names = names_of(scaler, int(scaler.n_features_in_), features)
    centre, scale = scaling(scaler)
    stage = {"columns": names, "centre": centre, "scale": scale, "shift": [0.0] * len(names)}
    recipe = {"features": [], "label": "", "intercept": True, "label_levels": [],
              "label_numbers": []}
    return {"format": "partita model", "version": 2, "kind": "transform",
            "trained_on": "scikit-learn", "rows": 0, "recipe": recipe, "centre": [], "scale": [],
            "stages": [{"kind": "scale", "parameters": stage}], "parameters": {}}


def to_model(estimator, features=None, label="label"):
    """The model as the JSON object of partita's format."""
    scaler, model = split_pipeline(estimator)
    name = type(model).__name__
    if name == "StandardScaler" and scaler is None:
        return scaler_model(model, features)
    if name not in WRITERS:
        raise Unknown(f"expected one of {', '.join(sorted([*WRITERS, 'StandardScaler']))}, "
                      f"got {name}")
    kind, parameters = WRITERS[name](model)
    count = int(model.n_features_in_)
    features = names_of(estimator, count, features)
    centre, scale = ([], []) if scaler is None else scaling(scaler)
    recipe = {"features": [[{"column": name}] for name in features],
              "label": "" if kind == "kmeans" else label, "intercept": True,
              **label_facts(model)}
    return {"format": "partita model", "version": 1, "kind": kind, "trained_on": "scikit-learn",
            "rows": 0, "recipe": recipe, "centre": centre, "scale": scale,
            "parameters": parameters}


def write_model(estimator, path, features=None, label="label"):
    text = json.dumps(to_model(estimator, features, label), allow_nan=False)
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(os.path.abspath(path)))
    with os.fdopen(handle, "w") as file:
        file.write(text + "\n")
    os.replace(temporary, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("estimator", help="a file that joblib.dump wrote")
    parser.add_argument("--out", required=True, help="model file")
    parser.add_argument("--features", help="names of the columns, a,b,c")
    parser.add_argument("--label", default="label", help="name of the column that is predicted")
    options = parser.parse_args()
    import joblib  # noqa: E402  only here: write_model does not need it
    try:
        write_model(joblib.load(options.estimator), options.out,
                    options.features.split(",") if options.features else None, options.label)
    except (Unknown, OSError) as error:
        sys.exit(f"sklearn_export: {options.estimator}: {error}")


if __name__ == "__main__":
    main()
