#include "io/text_scan.hpp"

namespace partita::io {

namespace {

/// What a LineScan holds beside its offsets, in a form that can be sent.
struct ScanTotals {
    std::int64_t lines = 0, id_width = 0, offsets = 0;
    bool ids_are_numbers = true;
};

}  // namespace

std::vector<format::LineScan> all_gather_scans(Communicator const& comm,
                                               format::LineScan const& mine) {
    auto const totals = comm.all_gather(ScanTotals{mine.lines, mine.id_width,
                                                   static_cast<std::int64_t>(mine.offsets.size()),
                                                   mine.ids_are_numbers});
    auto const offsets = comm.all_gather_varying(std::span<std::int64_t const>(mine.offsets));
    std::vector<format::LineScan> scans;
    auto next = offsets.begin();
    for (ScanTotals const& total : totals) {
        scans.push_back(
            {total.lines, {next, next + total.offsets}, total.ids_are_numbers, total.id_width});
        next += total.offsets;
    }
    return scans;
}

}  // namespace partita::io
