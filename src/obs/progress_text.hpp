#pragma once

#include <cstdint>
#include <string>

namespace partita::obs::detail {

/// How far work is, as the reader is told.
struct ProgressSnapshot {
    std::string what;        ///< "search"
    std::string unit;        ///< "queries"
    std::int64_t done = 0;   ///< Of all ranks, estimated from this one's share.
    std::int64_t total = 0;  ///< Of all ranks.
    double seconds = 0;      ///< Since the work began.
};

/// "search [=====>    ]  52 %  520,000/1,000,000 queries  12,300 queries/s  38 s left", in at most
/// `columns` characters: the bar shrinks first, then parts from the middle go.
std::string bar_text(ProgressSnapshot const& snapshot, int columns);

/// "search: 52 %, 520,000 of 1,000,000 queries, 12,300 queries/s, 38 s left"
std::string log_text(ProgressSnapshot const& snapshot);

/// "search: 1,000,000 queries in 81 s, 12,300 queries/s"
std::string finished_text(ProgressSnapshot const& snapshot);

}  // namespace partita::obs::detail
