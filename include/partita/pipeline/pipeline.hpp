#pragma once

#include "partita/pipeline/cross_validate.hpp"
#include "partita/pipeline/load.hpp"
#include "partita/pipeline/saved_model.hpp"
#include "partita/pipeline/stages.hpp"

#include <memory>
#include <string>
#include <vector>

namespace partita::pipeline {

/// Stages that prepare columns, then a learner: fitted as a whole, saved as one model.
///
///     Pipeline pipeline;
///     pipeline.add(Imputer({"age"}, ImputeBy::median))
///         .add(StandardScaler({"age", "income"}, true))
///         .learn("logistic", "bought ~ age * income + city", {{"penalty", "0.1"}});
///     SavedModel const model = pipeline.fit(table);
///     frame::Table const scores = score(model, other_table, {{"user_id"}});
class Pipeline {
  public:
    template <class Stage>
    Pipeline& add(Stage stage) {
        stages_.push_back(std::make_shared<Stage>(std::move(stage)));
        return *this;
    }
    /// The learner, and which columns it learns from: an R formula over the columns that the stages
    /// leave. @throws Error: no such learner or parameter.
    Pipeline& learn(std::string kind, std::string formula, Params params = {});
    /// Features to mean 0 and deviation 1 (ddof 0) before they are learned from.
    Pipeline& scale_features(bool scale = true);
    Pipeline& seed(std::uint64_t seed);
    /// What to do with rows whose features have nulls after all stages.
    Pipeline& nulls(Nulls nulls);

    /// Fit all stages, each on what the ones before make of the table, then the learner.
    ///
    /// Collective. The table is run once for each stage that learns and once for the learner:
    /// cache() it where that is slow. `fitted`, if given, gets the learner's summary.
    /// @throws CollectiveError: what stages and the learner throw.
    SavedModel fit(frame::Table const& table, Fitted* fitted = nullptr) const;

    /// Cross-validation of the whole: for each fold all stages are fitted on its training rows
    /// once, then the learner with each setting of the grid. Collective.
    Validation cross_validate(frame::Table const& table, ParamGrid const& grid,
                              ValidationOptions const& options = {}) const;

    Transformers fit_stages(frame::Table const& table) const;

  private:
    SavedModel prepared(frame::Table const& table, frame::Table const& all,
                        Transformers stages) const;
    std::unique_ptr<Learner> learner(bool intercept, int threads) const;

    std::vector<std::shared_ptr<Estimator const>> stages_;
    std::string kind_, formula_;
    Params params_;
    bool scale_ = false;
    std::uint64_t seed_ = 0;
    Nulls nulls_ = Nulls::fail;
};

/// The rows whose number in the table is chosen. Collective: rows are counted first.
frame::Table rows_where(frame::Table const& table, RowFilter const& chosen);

}  // namespace partita::pipeline
