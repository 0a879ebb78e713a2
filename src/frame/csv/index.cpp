#include "frame/csv/index.hpp"

#include "frame/csv/open_quote.hpp"
#include "frame/csv/structure.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/buffer.hpp"
#include "partita/core/error.hpp"
#include "partita/core/file.hpp"
#include "partita/dataset/find_files.hpp"
#include "partita/dataset/gather.hpp"
#include "partita/dataset/text_stream.hpp"

#include <algorithm>
#include <limits>

namespace partita::frame::csv {

namespace {

constexpr std::int64_t most_partitions = 16384;
constexpr std::int64_t buffer_bytes = 256 << 10;
constexpr std::int64_t to_the_end = std::numeric_limits<std::int64_t>::max();

/// What root finds out about a file.
struct FileFacts {
    std::string path;
    std::int64_t size = 0;
    std::int64_t compressed = 0;
    Dialect dialect;
};

std::vector<FileFacts> look_at_files(std::string const& paths, CsvOptions const& options) {
    std::vector<FileFacts> facts;
    for (std::string const& path : dataset::find_files(paths)) {
        FileFacts one;
        one.path = path;
        one.size = File::open_read(path).size();
        one.compressed = dataset::compression_of(path) != dataset::Compression::none;
        if (one.size == 0) continue;
        if (facts.empty())
            one.dialect = find_dialect(path, options);
        else
            check_same_dialect(path, options, facts.front().dialect, one.dialect);
        facts.push_back(std::move(one));
    }
    check(!facts.empty(), "{}: expected a line with the columns' names, got an empty file", paths);
    return facts;
}

/// Root's facts on every rank.
std::vector<FileFacts> agreed_facts(dataset::Context const& context, std::string const& paths,
                                    CsvOptions const& options) {
    using Packed = std::tuple<std::string, std::int64_t, std::int64_t, char, bool, std::int64_t,
                              std::int64_t, std::vector<std::string>>;
    std::vector<Packed> packed;
    collectively(context.comm(), "", [&] {
        if (!context.comm().is_root()) return;
        for (FileFacts const& f : look_at_files(paths, options))
            packed.emplace_back(f.path, f.size, f.compressed, f.dialect.separator,
                                f.dialect.quotes_count, f.dialect.data_begin, f.dialect.first_line,
                                f.dialect.names);
    });
    std::vector<std::byte> const mine = dataset::pack_items(std::span<Packed const>(packed));
    std::vector<std::byte> const all =
        context.comm().all_gather_varying(std::span<std::byte const>(mine));
    dataset::PackedReader reader(all.data(), static_cast<std::int64_t>(all.size()));
    std::vector<FileFacts> facts;
    while (!reader.at_end()) {
        Packed one;
        dataset::Codec<Packed>::read(reader, one);
        auto& [path, size, compressed, separator, quotes, begin, line, names] = one;
        facts.push_back({path, size, compressed, {separator, quotes, begin, line, names}});
    }
    return facts;
}

/// Bytes of a file that make a partition, not yet cut at rows.
struct ByteRange {
    std::int64_t file = 0, first = 0, last = 0;
};

std::vector<ByteRange> cut(std::vector<FileFacts> const& facts, std::int64_t partition_bytes) {
    std::int64_t total = 0;
    for (FileFacts const& one : facts) total += one.size;
    partition_bytes = std::max(partition_bytes, total / most_partitions + 1);
    std::vector<ByteRange> ranges;
    for (std::size_t f = 0; f < facts.size(); ++f) {
        auto const file = static_cast<std::int64_t>(f);
        std::int64_t const begin = facts[f].dialect.data_begin, bytes = facts[f].size - begin;
        if (facts[f].compressed) {
            ranges.push_back({file, begin, to_the_end});
            continue;
        }
        std::int64_t const parts = std::max<std::int64_t>(1, bytes / partition_bytes);
        for (std::int64_t p = 0; p < parts; ++p) {
            RowRange const share = share_of(bytes, parts, p);
            ranges.push_back({file, begin + share.first, begin + share.last});
        }
    }
    return ranges;
}

RangeScan scan_range(std::string const& path, ByteRange const& range, bool quotes_count) {
    RangeScan scan;
    if (range.last == to_the_end) return scan;
    File const file = File::open_read(path);
    Buffer<char> buffer(buffer_bytes + slack_bytes);
    for (std::int64_t at = range.first; at < range.last;) {
        std::int64_t const bytes = std::min(buffer_bytes, range.last - at);
        file.read_at(at, buffer.data(), bytes);
        scan.add(buffer.data(), bytes, quotes_count);
        at += bytes;
    }
    return scan;
}

/// The scans of all ranges, on every rank.
std::vector<RangeScan> scan_ranges(dataset::Context const& context,
                                   std::vector<FileFacts> const& facts,
                                   std::vector<ByteRange> const& ranges) {
    auto const count = static_cast<std::int64_t>(ranges.size());
    RowRange const mine = context.local_partitions(count);
    std::vector<RangeScan> scans(static_cast<std::size_t>(mine.size()));
    collectively(context.comm(), "", [&] {
        context.parallel_for(mine, [&](std::int64_t i) {
            ByteRange const& range = ranges[static_cast<std::size_t>(i)];
            FileFacts const& file = facts[static_cast<std::size_t>(range.file)];
            scans[static_cast<std::size_t>(i - mine.first)] =
                scan_range(file.path, range, file.dialect.quotes_count);
        });
    });
    return context.comm().all_gather_varying(std::span<RangeScan const>(scans));
}

/// Turn the ranges of one file, [begin, end) of all, into spans of whole rows.
void place_rows(FileFacts const& file, std::vector<ByteRange> const& ranges,
                std::vector<RangeScan> const& scans, std::size_t begin, std::size_t end,
                FileIndex& index) {
    std::int64_t quotes = 0;
    std::vector<RowSpan> spans;
    for (std::size_t i = begin; i < end; ++i) {
        int const inside = static_cast<int>(quotes & 1);
        std::int64_t const newline = scans[i].first_newline[inside];
        RowSpan span{ranges[i].file, newline < 0 ? -1 : ranges[i].first + newline + 1,
                     ranges[i].last, scans[i].newlines[inside]};
        if (i == begin) {
            span.first = ranges[i].first;
            if (ranges[i].first < ranges[i].last) ++span.rows;
        }
        spans.push_back(span);
        quotes += scans[i].quotes;
        // What is before the first range is a line end, or nothing.
        bool const line_ended = i == begin || scans[i - 1].last_byte == '\n';
        bool const begins_empty =
            line_ended && (scans[i].first_byte == '\n' || scans[i].first_byte == '\r');
        if (scans[i].blank_lines || begins_empty) index.rows_known = false;
    }
    if (quotes % 2 != 0) fail_open_quote(file.path, file.dialect);
    index.any_quotes = index.any_quotes || quotes > 0;
    // A range in which no row begins is empty; each ends where the next one's first row begins.
    std::int64_t next = file.size;
    for (auto span = spans.rbegin(); span != spans.rend(); ++span) {
        if (span->first < 0 || span->first >= file.size) span->first = next;
        span->last = next;
        next = span->first;
    }
    // A newline at the very end begins no row.
    File const opened = File::open_read(file.path);
    char last = 0;
    if (file.size > 0) opened.read_at(file.size - 1, &last, 1);
    if (last == '\n' && file.size > file.dialect.data_begin) --spans.back().rows;
    index.spans.insert(index.spans.end(), spans.begin(), spans.end());
}

}  // namespace

FileIndex index_files(dataset::Context const& context, std::string const& paths,
                      CsvOptions const& options) {
    std::vector<FileFacts> const facts = agreed_facts(context, paths, options);
    std::vector<ByteRange> const ranges = cut(facts, options.partition_bytes);
    std::vector<RangeScan> const scans = scan_ranges(context, facts, ranges);
    FileIndex index;
    index.any_quotes = false;
    collectively(context.comm(), "", [&] {
        for (std::size_t i = 0; i < ranges.size();) {
            std::size_t end = i;
            while (end < ranges.size() && ranges[end].file == ranges[i].file) ++end;
            FileFacts const& file = facts[static_cast<std::size_t>(ranges[i].file)];
            if (file.compressed) {
                index.spans.push_back({ranges[i].file, ranges[i].first, to_the_end, 0});
                index.rows_known = false;
                index.any_quotes = true;
            } else {
                place_rows(file, ranges, scans, i, end, index);
            }
            i = end;
        }
        for (FileFacts const& file : facts) {
            index.files.push_back(file.path);
            index.dialects.push_back(file.dialect);
        }
    });
    return index;
}

std::int64_t line_at(std::string const& path, std::int64_t offset) {
    auto const stream = dataset::open_text_stream(path, 0);
    Buffer<char> buffer(buffer_bytes);
    std::int64_t line = 1;
    while (offset > 0) {
        std::int64_t const got = stream->read(buffer.data(), std::min(buffer_bytes, offset));
        if (got == 0) break;
        line += std::count(buffer.data(), buffer.data() + got, '\n');
        offset -= got;
    }
    return line;
}

}  // namespace partita::frame::csv
