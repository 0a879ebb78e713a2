#include "partita/dataset/line_blocks.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/core/file.hpp"
#include "partita/dataset/find_files.hpp"
#include "partita/dataset/text_stream.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <sstream>

namespace partita::dataset {
namespace {

constexpr std::int64_t buffer_bytes = 256 << 10;

/// Lines of a stream, each with the offset at which it starts.
class LineReader {
  public:
    LineReader(TextStream& stream, std::int64_t offset)
        : stream_(stream), offset_(offset), buffer_(buffer_bytes) {}

    std::int64_t offset() const { return offset_ + next_; }

    /// The next line without its end; the view lasts until the next call. @returns false at the
    /// end.
    bool next(std::string_view& line) {
        std::int64_t searched = next_;
        for (;;) {
            auto const* newline = static_cast<char const*>(std::memchr(
                buffer_.data() + searched, '\n', static_cast<std::size_t>(filled_ - searched)));
            if (newline) {
                take(line, newline - (buffer_.data() + next_), 1);
                return true;
            }
            std::int64_t const unfinished = filled_ - next_;
            if (!refill()) {
                if (unfinished == 0) return false;
                take(line, unfinished, 0);
                return true;
            }
            searched = unfinished;
        }
    }
    /// Skip a byte order mark at the very start.
    void skip_mark() {
        if (filled_ == 0) refill();
        if (filled_ >= 3 && std::memcmp(buffer_.data(), "\xef\xbb\xbf", 3) == 0) next_ = 3;
    }

  private:
    void take(std::string_view& line, std::int64_t size, std::int64_t end_bytes) {
        line = {buffer_.data() + next_, static_cast<std::size_t>(size)};
        if (line.ends_with('\r')) line.remove_suffix(1);
        next_ += size + end_bytes;
    }
    /// Move what is left to the front and read behind it. @returns false when nothing came.
    bool refill() {
        std::int64_t const unfinished = filled_ - next_;
        std::memmove(buffer_.data(), buffer_.data() + next_, static_cast<std::size_t>(unfinished));
        offset_ += next_;
        next_ = 0;
        if (2 * unfinished > static_cast<std::int64_t>(buffer_.size()))
            buffer_.resize(2 * buffer_.size());  // a long line
        std::int64_t const got = stream_.read(
            buffer_.data() + unfinished, static_cast<std::int64_t>(buffer_.size()) - unfinished);
        filled_ = unfinished + got;
        return got > 0;
    }

    TextStream& stream_;
    std::int64_t offset_;  ///< Of the buffer in the file.
    std::vector<char> buffer_;
    std::int64_t next_ = 0, filled_ = 0;
};

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
                       std::int64_t block_bytes) {
    Communicator const& comm = context.comm();
    std::vector<std::int64_t> sizes;
    std::vector<char> compressed;
    collectively(comm, "read_lines", [&] {
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

void LineBlocks::for_each_line(std::int64_t partition,
                               FunctionRef<void(std::string_view)> visit) const {
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
        // A file's first line starts before its byte order mark.
        bool is_first = range.first == 0;
        while ((is_first || lines.offset() < range.last) && lines.next(line)) {
            is_first = false;
            visit(line);
        }
    }
}

}  // namespace partita::dataset
