#include "frame/group/value_keeper.hpp"

#include <limits>

namespace partita::frame {

void ValueKeeper::update(Column const* input, std::uint32_t const* groups, std::int64_t rows,
                         std::int64_t) {
    bool const first_pass = stage_ == Stage::all || stage_ == Stage::counting;
    rows_.clear();
    groups_.clear();
    for (std::int64_t i = 0; i < rows; ++i) {
        if (input->is_null(i)) continue;
        std::uint32_t const group = groups[i];
        if (first_pass)
            ++counts_[group];
        else if (group < first_ || group >= last_)
            continue;
        rows_.push_back(static_cast<std::uint32_t>(i));
        groups_.push_back(group);
    }
    if (stage_ == Stage::counting || rows_.empty()) return;
    hold(*input, rows_, groups_);
    if (stage_ != Stage::all || held_bytes() <= most_bytes_) return;
    let_go();
    stage_ = Stage::counting;
}

bool ValueKeeper::needs_pass() {
    switch (stage_) {
        case Stage::all:
            conclude(0, static_cast<std::uint32_t>(counts_.size()));
            return false;
        case Stage::counting:
            last_ = 0;
            break;
        case Stage::batch:
            conclude(first_, last_);
            break;
        case Stage::large:
            if (end_large_pass(first_)) return true;
    }
    return plan_pass();
}

/// The next batch: groups whose values fit, or one that is alone.
bool ValueKeeper::plan_pass() {
    auto const groups = static_cast<std::uint32_t>(counts_.size());
    first_ = last_;
    if (first_ == groups) return false;
    std::int64_t bytes = 0;
    while (last_ < groups && bytes + counts_[last_] * value_bytes_ <= most_bytes_)
        bytes += counts_[last_++] * value_bytes_;
    stage_ = Stage::batch;
    if (last_ > first_) return true;
    stage_ = Stage::large;
    begin_large(last_++, counts_[first_]);
    return true;
}

Column ValueKeeper::finish() {
    // Without passes, nothing but what was held in the first one is to be concluded.
    if (stage_ == Stage::all) conclude(0, static_cast<std::uint32_t>(counts_.size()));
    Column column = results(static_cast<std::int64_t>(counts_.size()));
    counts_.clear();
    stage_ = Stage::all;
    first_ = last_ = 0;
    return column;
}

}  // namespace partita::frame
