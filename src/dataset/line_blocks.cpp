#include "partita/dataset/line_blocks.hpp"

#include "dataset/line_reader.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/core/file.hpp"
#include "partita/dataset/find_files.hpp"
#include "partita/dataset/text_stream.hpp"

#include <algorithm>
#include <limits>
#include <sstream>

namespace partita::dataset {
namespace {

/// A list of texts as one, and back.
std::string joined(std::vector<std::string> const& texts) {
    std::string all;
    for (std::string const& text : texts) all += text + '\0';
    return all;
}
std::vector<std::string> separated(std::string const& all) {
    std::vector<std::string> texts;
    std::istringstream stream(all);
    for (std::string text; std::getline(stream, text, '\0');) texts.push_back(text);
    return texts;
}

}  // namespace

LineBlocks::LineBlocks(Context const& context, std::string const& paths, std::int64_t partitions,
                       std::int64_t block_bytes, std::string_view operation) {
    Communicator const& comm = context.comm();
    std::vector<std::int64_t> sizes;
    std::vector<char> compressed;
    collectively(comm, operation, [&] {
        check(partitions >= 0, "expected a number of partitions of at least 0, got {}", partitions);
        check(block_bytes > 0, "expected blocks of at least 1 byte, got {}", block_bytes);
        if (!comm.is_root()) return;
        files_ = find_files(paths);
        for (std::string const& file : files_) {
            sizes.push_back(File::open_read(file).size());
            compressed.push_back(compression_of(file) != Compression::none);
        }
    });
    files_ = separated(comm.broadcast(joined(files_)));
    sizes.resize(files_.size());
    compressed.resize(files_.size());
    comm.broadcast(std::span(sizes));
    comm.broadcast(std::span(compressed));
    std::int64_t total = 0;
    for (std::int64_t const size : sizes) total += size;
    if (partitions == 0)
        partitions =
            std::max(context.default_partitions(), (total + block_bytes - 1) / block_bytes);
    cut(sizes, compressed, partitions);
}

/// Partition p is a share of all bytes, the files being laid end to end; a compressed file belongs
/// to the partition in which it starts.
void LineBlocks::cut(std::vector<std::int64_t> const& sizes, std::vector<char> const& compressed,
                     std::int64_t partitions) {
    std::int64_t total = 0;
    for (std::int64_t const size : sizes) total += size;
    std::size_t file = 0;
    std::int64_t file_start = 0;  // in all bytes
    for (std::int64_t p = 0; p < partitions; ++p) {
        starts_.push_back(static_cast<std::int64_t>(ranges_.size()));
        RowRange const share = share_of(total, partitions, p);
        while (file < sizes.size()) {
            std::int64_t const file_end = file_start + sizes[file];
            std::int64_t const first = std::max(share.first, file_start);
            std::int64_t const last = std::min(share.last, file_end);
            if (compressed[file]) {
                if (share.contains(file_start))
                    ranges_.push_back({static_cast<std::int64_t>(file), 0,
                                       std::numeric_limits<std::int64_t>::max()});
            } else if (first < last) {
                ranges_.push_back(
                    {static_cast<std::int64_t>(file), first - file_start, last - file_start});
            }
            if (file_end > share.last) break;  // it goes on in the next partition
            file_start = file_end;
            ++file;
        }
    }
    starts_.push_back(static_cast<std::int64_t>(ranges_.size()));
}

/// Call visit(range, reader) for each range of a partition, the reader standing at the first line
/// that starts in it.
template <class Visit>
void LineBlocks::for_each_range(std::int64_t partition, Visit const& visit) const {
    auto const p = static_cast<std::size_t>(partition);
    for (std::int64_t r = starts_[p]; r < starts_[p + 1]; ++r) {
        Range const& range = ranges_[static_cast<std::size_t>(r)];
        // The byte before a range tells whether a line starts with it: what follows that byte up
        // to a line end belongs to the range before.
        std::int64_t const from = std::max<std::int64_t>(range.first - 1, 0);
        auto const stream = open_text_stream(files_[static_cast<std::size_t>(range.file)], from);
        LineReader lines(*stream, from);
        std::string_view line;
        if (range.first > 0)
            lines.next(line);
        else
            lines.skip_mark();
        visit(range, lines);
    }
}

/// A file that is cut while it is read must not pass for a short one.
void LineBlocks::check_reached(Range const& range, std::int64_t offset) const {
    bool const is_whole_file = range.last == std::numeric_limits<std::int64_t>::max();
    check(is_whole_file || offset >= range.last, "{}: expected {} bytes at least, got {}",
          path(range.file), range.last, offset);
}

template <class Visit>
void LineBlocks::for_each_placed(std::int64_t partition, Visit const& visit) const {
    for_each_range(partition, [&](Range const& range, LineReader& lines) {
        // A file's first line starts before its byte order mark.
        bool is_first = range.first == 0;
        std::string_view line;
        for (std::int64_t offset = lines.offset();
             (is_first || offset < range.last) && lines.next(line); offset = lines.offset()) {
            visit(line, LinePlace{range.file, offset, is_first});
            is_first = false;
        }
        check_reached(range, lines.offset());
    });
}

void LineBlocks::for_each_line(std::int64_t partition,
                               FunctionRef<void(std::string_view)> visit) const {
    for_each_placed(partition, [&](std::string_view line, LinePlace const&) { visit(line); });
}

void LineBlocks::for_each_placed_line(
    std::int64_t partition, FunctionRef<void(std::string_view, LinePlace const&)> visit) const {
    for_each_placed(partition, visit);
}

void LineBlocks::for_each_block(std::int64_t partition,
                                FunctionRef<void(std::string_view)> visit) const {
    for_each_range(partition, [&](Range const& range, LineReader& lines) {
        // The byte order mark, which may be all of a small range, belongs to the first line.
        std::int64_t const limit =
            range.first == 0 ? std::max(range.last, lines.offset() + 1) : range.last;
        for (std::string_view block; lines.next_block(limit, block);) visit(block);
        check_reached(range, lines.offset());
    });
}

std::string LineBlocks::place_text(LinePlace const& place) const {
    std::string const& file = files_[static_cast<std::size_t>(place.file)];
    auto const stream = open_text_stream(file, 0);
    LineReader lines(*stream, 0);
    std::string_view line;
    std::int64_t number = 1;
    lines.skip_mark();
    while (lines.offset() < place.offset && lines.next(line)) ++number;
    return fmt::format("{}: line {}", file, number);
}

std::string LineBlocks::first_line(std::int64_t file) const {
    auto const stream = open_text_stream(files_[static_cast<std::size_t>(file)], 0);
    LineReader lines(*stream, 0);
    lines.skip_mark();
    std::string_view line;
    return lines.next(line) ? std::string(line) : std::string();
}

}  // namespace partita::dataset
