#pragma once

#include "partita/knn/result_writer.hpp"

#include <memory>
#include <string>

namespace partita::knn {

/// csv or jsonl: one line for each neighbour. Collective.
std::unique_ptr<ResultWriter> make_text_result_writer(Communicator const& comm, ResultFormat format,
                                                      std::string const& path,
                                                      IdTable const& base_ids, bool overwrite);

}  // namespace partita::knn
