#pragma once

#include "partita/pipeline/transformer.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace partita::pipeline {

// The stages that pipelines are made of. Names and defaults are MLlib's; where columns are changed
// in place, they become float64. A null stays null unless a stage says otherwise, and neither nulls
// nor NaN count in what is fitted. Fits are the same bits for any number of ranks and threads.
//
// Features stay columns until the learner: what MLlib's VectorAssembler does is naming them there
// (Pipeline::learn), and RFormula is its formula.

/// (x - mean) / deviation of each column; a constant column becomes 0 (with_std).
struct StandardScaler : Estimator {
    std::vector<std::string> columns;
    bool with_mean = false;
    bool with_std = true;
    int ddof = 1;  ///< Of the deviation: 1 as MLlib, 0 as scikit-learn (with with_mean = true).

    explicit StandardScaler(std::vector<std::string> names, bool mean = false,
                            bool deviation = true, int degrees = 1)
        : columns(std::move(names)), with_mean(mean), with_std(deviation), ddof(degrees) {}
    std::shared_ptr<Transformer const> fit(frame::Table const& table) const override;
};

/// Each column's range to [low, high]; a constant column becomes their middle.
struct MinMaxScaler : Estimator {
    std::vector<std::string> columns;
    double low = 0, high = 1;

    explicit MinMaxScaler(std::vector<std::string> names, double to_low = 0, double to_high = 1)
        : columns(std::move(names)), low(to_low), high(to_high) {}
    std::shared_ptr<Transformer const> fit(frame::Table const& table) const override;
};

/// Each row's values over their p-norm, (sum |x|^p)^(1/p), p >= 1 or infinite; rows of zeros stay.
/// A row with a null among them becomes null.
struct Normalizer : Estimator {
    std::vector<std::string> columns;
    double p = 2;

    explicit Normalizer(std::vector<std::string> names, double norm = 2)
        : columns(std::move(names)), p(norm) {}
    std::shared_ptr<Transformer const> fit(frame::Table const& table) const override;
};

enum class ImputeBy { mean, median, most_frequent };

/// Nulls and NaN become the column's mean, median (the mean of the middle two) or most frequent
/// value (the smallest of equals). most_frequent serves texts too.
struct Imputer : Estimator {
    std::vector<std::string> columns;
    ImputeBy by = ImputeBy::mean;

    explicit Imputer(std::vector<std::string> names, ImputeBy how = ImputeBy::mean)
        : columns(std::move(names)), by(how) {}
    std::shared_ptr<Transformer const> fit(frame::Table const& table) const override;
};

/// What to do with a value that was not there, or not within bounds, when a stage was fitted.
enum class HandleInvalid {
    error,
    skip,  ///< Leave the row out.
    keep,  ///< Give it a number of its own, after the others.
};

/// A text column's values as numbers 0, 1, ... by descending frequency (ties by text). Nulls are
/// invalid. `output` "" = in place.
struct StringIndexer : Estimator {
    std::string column, output;
    HandleInvalid invalid = HandleInvalid::error;

    explicit StringIndexer(std::string name, std::string to = {},
                           HandleInvalid handle = HandleInvalid::error)
        : column(std::move(name)), output(std::move(to)), invalid(handle) {}
    std::shared_ptr<Transformer const> fit(frame::Table const& table) const override;
};

/// A column of whole numbers 0 .. n - 1 (an index) as n - 1 columns of 0 and 1 (n unless
/// drop_last): "name_0", "name_1", ... The largest number seen when fitted says what n is.
/// keep: other numbers have a column of their own, "name_invalid".
struct OneHotEncoder : Estimator {
    std::string column;
    bool drop_last = true;
    HandleInvalid invalid = HandleInvalid::error;

    explicit OneHotEncoder(std::string name, bool drop = true,
                           HandleInvalid handle = HandleInvalid::error)
        : column(std::move(name)), drop_last(drop), invalid(handle) {}
    std::shared_ptr<Transformer const> fit(frame::Table const& table) const override;
};

/// All products of up to `degree` of the columns, with repetition, as further columns: of a and b,
/// degree 2: "a^2", "a*b", "b^2".
struct PolynomialExpansion : Estimator {
    std::vector<std::string> columns;
    int degree = 2;

    explicit PolynomialExpansion(std::vector<std::string> names, int degrees = 2)
        : columns(std::move(names)), degree(degrees) {}
    std::shared_ptr<Transformer const> fit(frame::Table const& table) const override;
};

/// The number of the interval [splits[i], splits[i + 1]) that a value lies in; the last one holds
/// its upper end too. `output` "" = in place. Nulls, NaN and values outside are invalid.
struct Bucketizer : Estimator {
    std::string column, output;
    std::vector<double> splits;  ///< Ascending, at least 3; may begin and end with infinities.
    HandleInvalid invalid = HandleInvalid::error;

    Bucketizer(std::string name, std::vector<double> at, std::string to = {},
               HandleInvalid handle = HandleInvalid::error)
        : column(std::move(name)), output(std::move(to)), splits(std::move(at)), invalid(handle) {}
    std::shared_ptr<Transformer const> fit(frame::Table const& table) const override;
};

/// A Bucketizer whose splits are the column's exact quantiles, from -infinity to infinity. Equal
/// splits are one, so there may be fewer buckets.
struct QuantileDiscretizer : Estimator {
    std::string column, output;
    std::int64_t buckets = 2;
    HandleInvalid invalid = HandleInvalid::error;

    QuantileDiscretizer(std::string name, std::int64_t count, std::string to = {},
                        HandleInvalid handle = HandleInvalid::error)
        : column(std::move(name)), output(std::move(to)), buckets(count), invalid(handle) {}
    std::shared_ptr<Transformer const> fit(frame::Table const& table) const override;
};

/// The columns' projections on their first `components` principal axes, as further columns "pc1",
/// "pc2", ...: (x - mean) . axis. Axes are eigenvectors of the covariance, by descending variance;
/// each one's largest element is positive. A row with a null becomes null.
struct Pca : Estimator {
    std::vector<std::string> columns;
    std::int64_t components = 2;

    Pca(std::vector<std::string> names, std::int64_t axes)
        : columns(std::move(names)), components(axes) {}
    std::shared_ptr<Transformer const> fit(frame::Table const& table) const override;
};

}  // namespace partita::pipeline
