#pragma once

#include "partita/knn/result_writer.hpp"

#include <memory>

namespace partita::knn {

/// csv or jsonl: one line for each neighbour. Collective.
std::unique_ptr<ResultWriter> make_text_result_writer(Communicator const& comm, ResultFormat format,
                                                      io::PartialOutput& partial,
                                                      IdTable const& base_ids);

}  // namespace partita::knn
