#include "dataset/spilled_pieces.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace partita::dataset {
namespace {

constexpr auto note_bytes = static_cast<std::int64_t>(sizeof(SpilledPiece));
constexpr std::size_t merged_at_once = 16;

bool before(SpilledPiece const& a, SpilledPiece const& b) {
    return std::tie(a.piece.partition, a.piece.source, a.piece.sequence) <
           std::tie(b.piece.partition, b.piece.source, b.piece.sequence);
}

/// The first note of a run whose partition is at least this.
std::int64_t lower_bound(SpillFile const& file, std::int64_t first, std::int64_t count,
                         std::int64_t partition) {
    std::int64_t low = 0;
    while (low < count) {
        std::int64_t const middle = low + (count - low) / 2;
        SpilledPiece note;
        file.read(first + middle * note_bytes, &note, note_bytes);
        if (note.piece.partition < partition)
            low = middle + 1;
        else
            count = middle;
    }
    return low;
}

/// Writes a run of a known number of notes.
class RunWriter {
  public:
    RunWriter(SpillFile& file, std::int64_t notes)
        : file_(file), first_(file.reserve(notes * note_bytes)), next_(first_) {
        some_.reserve(256);
    }
    std::int64_t first() const { return first_; }
    void add(SpilledPiece const& note) {
        some_.push_back(note);
        if (some_.size() == some_.capacity()) flush();
    }
    void flush() {
        auto const bytes = static_cast<std::int64_t>(some_.size()) * note_bytes;
        file_.write(next_, some_.data(), bytes);
        next_ += bytes;
        some_.clear();
    }

  private:
    SpillFile& file_;
    std::int64_t first_, next_;
    std::vector<SpilledPiece> some_;
};

}  // namespace

std::int64_t SpilledPieces::most_notes() const {
    return std::max<std::int64_t>(context_.memory().kept_limit() / 32, 8 << 10) / note_bytes;
}

std::shared_ptr<SpillFile> SpilledPieces::file() {
    std::lock_guard const lock(mutex_);
    if (!file_) file_ = context_.new_spill_file();
    return file_;
}

void SpilledPieces::add(PooledBuffer const& block, std::span<Piece const> pieces,
                        std::span<std::int64_t const> offsets) {
    std::vector<BlockPart> parts;
    parts.reserve(pieces.size());
    for (std::size_t i = 0; i < pieces.size(); ++i) parts.push_back({offsets[i], pieces[i].bytes});
    auto const spilled = spill_parts(context_.memory(), *file(), block, parts);
    std::lock_guard const lock(mutex_);
    for (std::size_t i = 0; i < pieces.size(); ++i)
        if (pieces[i].bytes > 0) note({pieces[i], spilled[i]});
}

void SpilledPieces::note(SpilledPiece const& piece) {
    if (recent_.size() == recent_.capacity())
        recent_.reserve(std::clamp<std::size_t>(2 * recent_.size(), 16,
                                                static_cast<std::size_t>(most_notes())));
    recent_.push_back(piece);
    auto const bytes = static_cast<std::int64_t>(recent_.capacity()) * note_bytes;
    if (bytes > noted_bytes_) context_.memory().keep(bytes - std::exchange(noted_bytes_, bytes));
    if (static_cast<std::int64_t>(recent_.size()) >= most_notes()) write_run();
}

void SpilledPieces::write_run() {
    std::sort(recent_.begin(), recent_.end(), before);
    auto const count = static_cast<std::int64_t>(recent_.size());
    runs_.push_back({file_->append(recent_.data(), count * note_bytes), count, 0});
    recent_.clear();
    while (runs_.size() >= merged_at_once &&
           runs_[runs_.size() - merged_at_once].level == runs_.back().level)
        merge_last_runs(merged_at_once);
}

void SpilledPieces::merge_last_runs(std::size_t count) {
    auto const first = runs_.end() - static_cast<std::ptrdiff_t>(count);
    Run merged{0, 0, runs_.back().level + 1};
    SpilledPieceCursor cursor;
    for (auto run = first; run != runs_.end(); ++run) {
        cursor.add({*file_, run->first, run->count});
        merged.count += run->count;
    }
    RunWriter out(*file_, merged.count);
    for (; SpilledPiece const* const note = cursor.next(); cursor.pop()) out.add(*note);
    out.flush();
    merged.first = out.first();
    runs_.erase(first, runs_.end());
    runs_.push_back(merged);
}

void SpilledPieces::rename(FunctionRef<std::int64_t(std::int64_t)> new_partition) {
    std::vector<Run> const old = std::exchange(runs_, {});
    for (SpilledPiece& one : recent_) one.piece.partition = new_partition(one.piece.partition);
    for (Run const& run : old) {
        for (SpilledPieceCursor::Sequence notes(*file_, run.first, run.count); !notes.at_end();
             notes.pop()) {
            SpilledPiece one = notes.front();
            one.piece.partition = new_partition(one.piece.partition);
            note(one);
        }
    }
}

void SpilledPieces::settle() {
    if (!runs_.empty() && !recent_.empty()) write_run();
    if (runs_.size() > 1)
        merge_last_runs(runs_.size());  // partitions will be looked for one by one
    std::sort(recent_.begin(), recent_.end(), before);
}

SpilledPieceCursor::SpilledPieceCursor(SpilledPieces const& pieces, RowRange partitions)
    : last_partition_(partitions.last) {
    std::span<SpilledPiece const> const recent(pieces.recent_);
    auto const first = std::lower_bound(
        recent.begin(), recent.end(), partitions.first,
        [](SpilledPiece const& note, std::int64_t p) { return note.piece.partition < p; });
    add(Sequence(std::span(first, recent.end())));
    for (auto const& run : pieces.runs_) {
        std::int64_t const at = lower_bound(*pieces.file_, run.first, run.count, partitions.first);
        add({*pieces.file_, run.first + at * note_bytes, run.count - at});
    }
}

void SpilledPieceCursor::add(Sequence sequence) {
    if (sequence.at_end()) return;
    sequences_.push_back(std::move(sequence));
    find_least();
}

void SpilledPieceCursor::pop() {
    sequences_[least_].pop();
    if (sequences_[least_].at_end()) {
        std::swap(sequences_[least_], sequences_.back());
        sequences_.pop_back();
    }
    find_least();
}

void SpilledPieceCursor::find_least() {
    least_ = 0;  // they are few
    for (std::size_t i = 1; i < sequences_.size(); ++i)
        if (before(sequences_[i].front(), sequences_[least_].front())) least_ = i;
}

SpilledPieceCursor::Sequence::Sequence(SpillFile const& file, std::int64_t first,
                                       std::int64_t count)
    : file_(&file), next_(first), left_(count) {
    refill();
}

void SpilledPieceCursor::Sequence::pop() {
    if (!in_memory_.empty())
        in_memory_ = in_memory_.subspan(1);
    else if (++at_ == filled_)
        refill();
}

void SpilledPieceCursor::Sequence::refill() {
    std::int64_t const count = std::min<std::int64_t>(left_, std::ssize(some_));
    if (count > 0) file_->read(next_, some_.data(), count * note_bytes);
    next_ += count * note_bytes;
    left_ -= count;
    at_ = 0;
    filled_ = static_cast<std::size_t>(count);
}

}  // namespace partita::dataset
