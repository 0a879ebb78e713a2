#pragma once

#include "partita/dataset/context.hpp"
#include "partita/pipeline/learner.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace partita::pipeline {

/// A learner for one point of a grid, to run with so many threads (0 = as many as there are).
using LearnerOfPoint = std::function<std::unique_ptr<Learner>(std::size_t point, int threads)>;

/// The models of several learners, fitted to the same rows.
///
/// Collective. Rows that fit an eighth of every rank's memory are copied to all ranks, each of
/// which fits its share of the learners, a thread one at a time. Otherwise, and for sparse rows,
/// all ranks fit one after another together. The same bits either way.
/// @throws CollectiveError: what the learners throw.
std::vector<std::shared_ptr<ml::Predictor const>> fit_points(dataset::Context const& context,
                                                             ml::TrainingSet const& set,
                                                             std::size_t points,
                                                             LearnerOfPoint const& learner,
                                                             int threads);

}  // namespace partita::pipeline
