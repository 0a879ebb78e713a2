#pragma once

#include "partita/pipeline/transformer.hpp"

#include <memory>

#include <nlohmann/json_fwd.hpp>

namespace partita::pipeline {

// What each kind's to_json wrote. @throws Error or json::exception for what is damaged.

std::shared_ptr<Transformer const> read_scaling(nlohmann::json const& object);
std::shared_ptr<Transformer const> read_normalizing(nlohmann::json const& object);
std::shared_ptr<Transformer const> read_filling(nlohmann::json const& object);
std::shared_ptr<Transformer const> read_indexing(nlohmann::json const& object);
std::shared_ptr<Transformer const> read_one_hot(nlohmann::json const& object);
std::shared_ptr<Transformer const> read_expansion(nlohmann::json const& object);
std::shared_ptr<Transformer const> read_bucketing(nlohmann::json const& object);
std::shared_ptr<Transformer const> read_projection(nlohmann::json const& object);

}  // namespace partita::pipeline
