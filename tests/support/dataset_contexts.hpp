#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/dataset/context.hpp"

#include <cstdint>

namespace partita::test {

// How tests of datasets and tables run: ample memory, and so little that everything spills.

inline dataset::Context context_with(std::int64_t memory_bytes, int threads = 1) {
    dataset::Options options;
    options.memory_bytes = memory_bytes;
    options.threads = threads;
    return dataset::Context(Communicator::world(), options);
}
inline dataset::Context roomy() { return context_with(256 << 20); }
inline dataset::Context tight() { return context_with(1 << 20); }
inline dataset::Context threaded() { return context_with(256 << 20, 3); }

}  // namespace partita::test
