#include "cli/context.hpp"

namespace partita::cli {

dataset::Context make_context(Session const& session) {
    dataset::Options options;
    options.threads = session.threads();
    options.memory_bytes = session.memory().per_rank_bytes;
    options.scratch = session.scratch();
    options.seed = session.seed();
    return dataset::Context(session.world(), options);
}

}  // namespace partita::cli
