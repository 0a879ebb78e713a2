#include "partita/obs/progress.hpp"

#include "obs/progress_clock.hpp"
#include "obs/progress_text.hpp"
#include "obs/status_line.hpp"

#include "partita/obs/log.hpp"

#include <atomic>
#include <chrono>
#include <mutex>

namespace partita::obs {
namespace {

constexpr double first_drawn_after_s = 2, redrawn_every_s = 0.2, logged_every_s = 10;

double steady_seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

std::atomic<detail::ProgressClock> now{steady_seconds};
std::atomic<ProgressStyle> chosen_style{ProgressStyle::none};

}  // namespace

void detail::set_progress_clock(ProgressClock clock) { now = clock ? clock : steady_seconds; }

void set_progress(ProgressStyle style, bool this_rank_shows) {
    if (style == ProgressStyle::automatic)
        style = detail::stderr_is_terminal() ? ProgressStyle::bar : ProgressStyle::log;
    chosen_style = this_rank_shows ? style : ProgressStyle::none;
}

struct Progress::State {
    detail::ProgressSnapshot snapshot(double time) const {
        detail::ProgressSnapshot snapshot{what, unit, job_total, job_total, time - begin};
        std::int64_t const own = done.load(std::memory_order_relaxed);
        if (own < total)
            snapshot.done = static_cast<std::int64_t>(static_cast<double>(own) *
                                                      static_cast<double>(job_total) /
                                                      static_cast<double>(total));
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
    state_->begin = now.load()();
    state_->next_show = state_->begin + (state_->style == ProgressStyle::bar ? first_drawn_after_s
                                                                             : logged_every_s);
}

Progress::~Progress() {
    State& state = *state_;
    if (!state.shown) return;
    bool const finished = state.done >= state.total;
    auto const summary = detail::finished_text(state.snapshot(now.load()()));
    if (state.style == ProgressStyle::log) {
        if (finished) info("{}", summary);
        return;
    }
    if (finished) detail::draw_status_line(summary);
    detail::end_status_line();
}

void Progress::add(std::int64_t n) {
    State& state = *state_;
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
