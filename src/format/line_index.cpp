#include "partita/format/line_index.hpp"

#include <algorithm>

namespace partita::format {

LineIndex::LineIndex(std::vector<LineScan> const& scans) {
    for (LineScan const& scan : scans) {
        std::int64_t line = lines_;
        for (std::int64_t const offset : scan.offsets) {
            anchors_.push_back({line, offset});
            line += indexed_lines;
        }
        lines_ += scan.lines;
        ids_are_numbers_ = ids_are_numbers_ && scan.ids_are_numbers;
        id_width_ = std::max(id_width_, scan.id_width);
    }
}

LineIndex::Anchor LineIndex::anchor_before(std::int64_t line) const {
    auto const after =
        std::upper_bound(anchors_.begin(), anchors_.end(), line,
                         [](std::int64_t wanted, Anchor const& a) { return wanted < a.line; });
    return *(after - 1);
}

}  // namespace partita::format
