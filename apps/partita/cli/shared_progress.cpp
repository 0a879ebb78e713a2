#include "cli/shared_progress.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/obs/progress_board.hpp"

namespace partita::cli {

SharedProgress::SharedProgress(Topology const& topology) {
    auto const ranks = static_cast<std::size_t>(topology.ranks_on_node());
    if (ranks == 1) return;
    try {
        memory_.emplace(topology, static_cast<std::int64_t>(ranks * sizeof(obs::ProgressSlot)));
    } catch (CollectiveError const&) {
        return;
    }
    // Its zeros are empty slots.
    auto* const slots = reinterpret_cast<obs::ProgressSlot*>(memory_->data());
    obs::set_progress_board({{slots, ranks}, static_cast<std::size_t>(topology.rank_on_node())});
}

SharedProgress::~SharedProgress() { obs::set_progress_board({}); }

}  // namespace partita::cli
