#pragma once

#include "partita/comm/collectively.hpp"
#include "partita/comm/communicator.hpp"
#include "partita/core/row_range.hpp"
#include "partita/format/line_index.hpp"

#include <span>
#include <vector>

namespace partita::io {

/// The scans of all ranks, by rank. Collective.
std::vector<format::LineScan> all_gather_scans(Communicator const& comm,
                                               format::LineScan const& mine);

/// The line index of a text file (format::CsvFile or format::LabelFile): each rank scans its share
/// of the bytes. Collective.
/// @throws CollectiveError when a rank cannot read its share.
template <class TextFile>
format::LineIndex scan_collectively(Communicator const& comm, TextFile const& file) {
    std::int64_t const begin = file.begin();
    RowRange const mine = share_of(file.end() - begin, comm.size(), comm.rank());
    format::LineScan const scan =
        collectively(comm, "", [&] { return file.scan(begin + mine.first, begin + mine.last); });
    return format::LineIndex(all_gather_scans(comm, scan));
}

}  // namespace partita::io
