#pragma once

#include "partita/knn/result_writer.hpp"

#include <memory>

namespace partita::knn {

/// A sparse matrix of distances in an HDF5 file. Collective.
std::unique_ptr<ResultWriter> make_csr_result_writer(Communicator const& comm,
                                                     io::PartialOutput& partial,
                                                     ResultShape const& shape);

}  // namespace partita::knn
