#pragma once

#include <cstdint>
#include <vector>

namespace partita::format {

/// How far the known line starts of an index are apart.
inline constexpr std::int64_t indexed_lines = 1024;

/// What is known of the lines that START in one range of a text file's bytes.
struct LineScan {
    std::int64_t lines = 0;
    /// Byte offsets in the file of the range's lines 0, 1024, 2048, ...
    std::vector<std::int64_t> offsets;
    /// Whether all ids of these lines are int64 numbers; true when the file has no ids.
    bool ids_are_numbers = true;
    /// Bytes of the longest id.
    std::int64_t id_width = 0;
};

/// Where the lines of a text file are: the scans of all its byte ranges, put together.
class LineIndex {
  public:
    struct Anchor {
        std::int64_t line = 0;
        std::int64_t offset = 0;
    };

    LineIndex() = default;
    /// @param scans  Of consecutive ranges that cover the file, in the file's order.
    explicit LineIndex(std::vector<LineScan> const& scans);

    std::int64_t lines() const { return lines_; }
    bool ids_are_numbers() const { return ids_are_numbers_; }
    std::int64_t id_width() const { return id_width_; }
    /// The last known line start at or before line `line`, 0 <= line < lines().
    Anchor anchor_before(std::int64_t line) const;

  private:
    std::vector<Anchor> anchors_;
    std::int64_t lines_ = 0;
    bool ids_are_numbers_ = true;
    std::int64_t id_width_ = 0;
};

}  // namespace partita::format
