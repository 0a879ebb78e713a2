#pragma once

#include "partita/frame/table.hpp"
#include "partita/pipeline/params.hpp"
#include "partita/pipeline/recipe.hpp"
#include "partita/pipeline/saved_model.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace partita::pipeline {

struct GroupTraining {
    std::vector<std::string> by;  ///< Columns whose values make a group.
    std::string kind = "linear";  ///< Any of learner_kinds().
    Params params{};
    Nulls nulls = Nulls::fail;
    std::int64_t least_rows = 2;  ///< Groups with fewer get no model.
    std::uint64_t seed = 0;
};

/// One model for each group of rows: hundreds to hundreds of thousands, all with the same features.
struct GroupModels {
    std::vector<std::string> by;
    std::string kind;
    Recipe recipe;
    std::string trained_on;
    std::int64_t classes = 0;  ///< That all models tell apart; 0 unless they predict classes.
    /// A row for each group, sorted by the keys: the key columns, "rows", "status" ("fitted",
    /// "too few rows", "one label", "not converged"), then of linear models and of logistic ones
    /// with two classes "intercept" and "coefficient_<feature>" for each feature, of all others
    /// "model", the parameters as JSON (see Predictor::to_json) behind their kind and a blank.
    /// Without a model these are null. Groups of one label predict it.
    frame::Table models;
    std::int64_t groups = 0, too_few = 0, one_label = 0, not_converged = 0;

    /// Whether models are columns of coefficients.
    bool has_coefficients() const {
        return kind == "linear" || (kind == "logistic" && classes == 2);
    }
};

/// Fit a model to each group's rows.
///
/// Collective. Rows travel to where their group is fitted, by the keys' hash, within the memory;
/// groups are fitted one by one by the ranks' threads, each in memory. The same bits for any
/// number of ranks and threads. Nulls are a key of their own. Clusters need no label.
/// A class that a group lacks has probability 0 there.
/// @throws CollectiveError: more than 1,000 classes, a group that does not fit a thread's share of
///         the memory, what load_rows and the estimators throw.
GroupModels train_groups(frame::Table const& table, Formula const& formula,
                         GroupTraining const& training);

/// One HDF5 file: the table "models", which pandas.read_hdf(path, "models") opens, and a text
/// "description". Collective.
void save_group_models(GroupModels const& models, std::string const& path, bool overwrite);

/// @throws CollectiveError: no such file, no store of models, a newer version, damaged. Collective.
GroupModels load_group_models(dataset::Context const& context, std::string const& path);

/// The kept columns and `prediction` (and probabilities) for each row, by its group's model; null
/// for rows of groups without one. As score(): lazy, in order. Collective; every rank holds all
/// models. @throws CollectiveError when they take more than an eighth of its memory.
frame::Table score_groups(GroupModels const& models, frame::Table const& table,
                          ScoreOptions const& options);

}  // namespace partita::pipeline
