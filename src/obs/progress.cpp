#include "partita/obs/progress.hpp"

#include "obs/progress_clock.hpp"
#include "obs/progress_text.hpp"
#include "obs/status_line.hpp"

#include "partita/core/hash.hpp"
#include "partita/obs/log.hpp"
#include "partita/obs/progress_board.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <vector>

namespace partita::obs {
namespace {

constexpr double first_drawn_after_s = 2, redrawn_every_s = 0.2, logged_every_s = 10;

double steady_seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

std::atomic<detail::ProgressClock> now{steady_seconds};
std::atomic<ProgressStyle> chosen_style{ProgressStyle::none};
ProgressBoard chosen_board;

}  // namespace

void detail::set_progress_clock(ProgressClock clock) { now = clock ? clock : steady_seconds; }

void set_progress(ProgressStyle style, bool this_rank_shows) {
    if (style == ProgressStyle::automatic)
        style = detail::stderr_is_terminal() ? ProgressStyle::bar : ProgressStyle::log;
    chosen_style = this_rank_shows ? style : ProgressStyle::none;
}

void set_progress_board(ProgressBoard new_board) { chosen_board = new_board; }

struct Progress::State {
    ProgressSlot& own_slot() const { return board.slots[board.own]; }
    /// Unless other work within this one took the slot.
    bool shares_now() const {
        return shared && own_slot().phase.load(std::memory_order_relaxed) == phase;
    }
    /// What all ranks of the board did: those that are not here yet did nothing, those that were
    /// here are done.
    void add_up(std::int64_t& sum, std::int64_t& of) {
        seen.resize(board.slots.size());
        for (std::size_t i = 0; i < board.slots.size(); ++i) {
            ProgressSlot const& slot = board.slots[i];
            if (i == board.own) continue;
            bool const here = slot.phase.load(std::memory_order_acquire) == phase;
            if (here) seen[i] = true;
            std::int64_t const its_total = here ? slot.total.load() : total;
            of += its_total;
            sum += here ? std::min(slot.done.load(), its_total) : (seen[i] ? its_total : 0);
        }
    }
    detail::ProgressSnapshot snapshot(double time) {
        detail::ProgressSnapshot snapshot{what, unit, job_total, job_total, time - begin};
        std::int64_t sum = std::min(done.load(std::memory_order_relaxed), total), of = total;
        if (shared) add_up(sum, of);
        if (sum < of)
            snapshot.done =
                static_cast<std::int64_t>(static_cast<double>(sum) *
                                          static_cast<double>(job_total) / static_cast<double>(of));
        return snapshot;
    }
    void show(double time) {
        if (style == ProgressStyle::bar)
            detail::draw_status_line(
                detail::bar_text(snapshot(time), detail::terminal_width() - 1));
        else
            info("{}", detail::log_text(snapshot(time)));
        shown = true;
    }
    double interval() const {
        return style == ProgressStyle::bar ? redrawn_every_s : logged_every_s;
    }

    std::string what, unit;
    std::int64_t total = 0, job_total = 0;
    std::uint64_t phase = 0;
    ProgressBoard board;
    bool shared = false;     ///< All ranks have a part, and a board to tell of it.
    std::vector<bool> seen;  ///< Ranks of the board that have been at this.
    ProgressStyle style = ProgressStyle::none;
    double begin = 0;
    std::atomic<std::int64_t> done{0};
    std::atomic<double> next_show{0};
    std::mutex showing;
    bool shown = false;  // guarded by `showing` until the end
};

Progress::Progress(std::string what, std::string unit, std::int64_t total, std::int64_t job_total)
    : state_(std::make_unique<State>()) {
    state_->what = std::move(what);
    state_->unit = std::move(unit);
    state_->total = total;
    state_->job_total = job_total;
    state_->style = chosen_style;
    state_->phase =
        combine_hashes(hash_bytes(state_->what), static_cast<std::uint64_t>(job_total)) | 1;
    // Work that one rank does alone, or that all do alike, is told by rank 0's own count.
    state_->board = chosen_board;
    state_->shared = !chosen_board.slots.empty() && total < job_total;
    if (state_->shared) {
        ProgressSlot& slot = state_->own_slot();
        slot.done = 0;
        slot.total = total;
        slot.phase.store(state_->phase, std::memory_order_release);
    }
    state_->begin = now.load()();
    state_->next_show = state_->begin + (state_->style == ProgressStyle::bar ? first_drawn_after_s
                                                                             : logged_every_s);
}

Progress::~Progress() {
    State& state = *state_;
    if (state.shares_now()) state.own_slot().phase = 0;
    if (!state.shown) return;
    bool const finished = state.done >= state.total;
    auto end = state.snapshot(now.load()());
    if (finished) end.done = end.total;  // other ranks are about to be
    auto const summary = detail::finished_text(end);
    if (state.style == ProgressStyle::log) {
        if (finished) info("{}", summary);
        return;
    }
    if (finished) detail::draw_status_line(summary);
    detail::end_status_line();
}

void Progress::add(std::int64_t n) {
    State& state = *state_;
    if (state.shares_now()) state.own_slot().done.fetch_add(n, std::memory_order_relaxed);
    if (state.style == ProgressStyle::none) return;
    state.done.fetch_add(n, std::memory_order_relaxed);
    double const time = now.load(std::memory_order_relaxed)();
    if (time < state.next_show.load(std::memory_order_relaxed)) return;
    // Who comes while another draws goes on with its work.
    std::unique_lock const lock(state.showing, std::try_to_lock);
    if (!lock || time < state.next_show.load(std::memory_order_relaxed)) return;
    state.next_show.store(time + state.interval(), std::memory_order_relaxed);
    state.show(time);
}

}  // namespace partita::obs
