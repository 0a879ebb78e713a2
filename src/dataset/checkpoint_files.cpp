#include "partita/dataset/checkpoint_files.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/comm/on_root.hpp"
#include "partita/core/atomic_file.hpp"
#include "partita/core/hash.hpp"
#include "partita/dataset/codec.hpp"
#include "partita/dataset/lineage.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <unistd.h>

namespace partita::dataset {
namespace fs = std::filesystem;
namespace {

/// A manifest is this, the hash of the rest, and the packed Manifest.
constexpr std::string_view magic = "PRTCKPT1";
constexpr std::size_t header_bytes = 16;

std::uint64_t hash_of(std::span<std::byte const> bytes) {
    return hash_bytes(bytes.data(), bytes.size());
}

/// The end of an outline, which says what ran last: "sort | map (of 2) | checkpoint".
std::string_view last_line(std::string_view outline) {
    if (outline.ends_with('\n')) outline.remove_suffix(1);
    outline.remove_prefix(outline.rfind('\n') + 1);  // npos + 1 is 0
    if (outline.starts_with(outline_end)) outline.remove_prefix(outline_end.size());
    return outline;
}

}  // namespace

CheckpointFiles::CheckpointFiles(Context context, std::string folder, Identity identity)
    : context_(std::move(context)), folder_(std::move(folder)), identity_(std::move(identity)) {
    Communicator const& comm = context_.comm();
    std::string packed;
    on_root(comm, [&] {
        check(!folder_.empty(), "checkpoint: expected the name of a folder, got an empty one");
        if (!file_exists(manifest_path())) return;
        File const file = File::open_read(manifest_path());
        packed.resize(static_cast<std::size_t>(file.size()));
        file.read_at(0, packed.data(), file.size());
    });
    packed = comm.broadcast(std::move(packed));
    if (packed.empty()) return;
    collectively(comm, "checkpoint '" + folder_ + "'", [&] { read_manifest(packed); });
    finished_ = true;
}

CheckpointFiles::~CheckpointFiles() {
    if (writing_ && !finished_) ::unlink(writing_->path().c_str());
}

std::string CheckpointFiles::data_path(std::int64_t file) const {
    return fmt::format("{}/part-{}.data", folder_, file);
}

void CheckpointFiles::read_manifest(std::string const& packed) {
    check(packed.size() > header_bytes && packed.starts_with(magic),
          "expected a manifest of this version, got something else: remove the folder");
    std::span const body = std::as_bytes(std::span(packed)).subspan(header_bytes);
    std::uint64_t hash = 0;
    std::memcpy(&hash, packed.data() + magic.size(), sizeof hash);
    check(hash == hash_of(body), "the manifest is damaged: remove the folder");
    Manifest manifest;
    PackedReader reader(body.data(), static_cast<std::int64_t>(body.size()));
    Codec<Manifest>::read(reader, manifest);
    constexpr char const* advice = "give another folder or remove this one";
    check(manifest.version == identity_.version, "expected version '{}', found '{}': {}",
          identity_.version, manifest.version, advice);
    check(manifest.element == identity_.element, "expected elements of type {}, found {}: {}",
          identity_.element, manifest.element, advice);
    std::string_view const expected = last_line(identity_.outline),
                           found = last_line(manifest.outline);
    check(manifest.outline == identity_.outline,
          "expected the result of '{}', found that of '{}'{}: {}", expected, found,
          expected == found ? " on other inputs" : "", advice);
    partitions_ = manifest.partitions;
    placement_ = std::move(manifest.placement);
    RowRange const local = context_.local_partitions(partitions_);
    std::erase_if(manifest.pieces, [&](Piece const& p) { return !local.contains(p.partition); });
    pieces_ = std::move(manifest.pieces);
}

std::string CheckpointFiles::pack_manifest(std::vector<Piece> pieces) const {
    Manifest const manifest{identity_.outline, identity_.element, identity_.version,
                            placement_,        partitions_,       std::move(pieces)};
    std::string packed(header_bytes + static_cast<std::size_t>(Codec<Manifest>::size(manifest)),
                       '\0');
    auto const body = std::as_writable_bytes(std::span(packed)).subspan(header_bytes);
    Codec<Manifest>::write(body.data(), manifest);
    std::uint64_t const hash = hash_of(body);
    std::memcpy(packed.data(), magic.data(), magic.size());
    std::memcpy(packed.data() + magic.size(), &hash, sizeof hash);
    return packed;
}

/// Data files without a manifest: a job that was killed left them.
void CheckpointFiles::remove_leftovers() const {
    for (auto const& entry : fs::directory_iterator(folder_)) {
        std::string const name = entry.path().filename().string();
        if (name.starts_with("part-") && name.ends_with(".data")) fs::remove(entry.path());
    }
}

void CheckpointFiles::start_writing() {
    on_root(context_.comm(), [&] {
        std::error_code error;
        fs::create_directories(folder_, error);
        check(!error, "{}: {}", folder_, error.message());
        remove_leftovers();
    });
    collectively(context_.comm(), "checkpoint '" + folder_ + "'", [&] {
        pieces_.clear();
        writing_ = File::create(data_path(context_.comm().rank()));
    });
}

void CheckpointFiles::write(std::int64_t partition, std::span<std::byte const> bytes) {
    auto const size = static_cast<std::int64_t>(bytes.size());
    std::int64_t const offset = written_bytes_.fetch_add(size);
    writing_->write_at(offset, bytes.data(), size);
    Piece const piece{partition, context_.comm().rank(), offset, size, hash_of(bytes)};
    std::lock_guard const lock(mutex_);
    pieces_.push_back(piece);
}

void CheckpointFiles::finish_writing(std::int64_t partitions, std::string const& placement) {
    Communicator const& comm = context_.comm();
    partitions_ = partitions;
    placement_ = placement;
    collectively(comm, "checkpoint '" + folder_ + "'", [&] { writing_->sync(); });
    std::vector<Piece> pieces = comm.all_gather_varying(std::span<Piece const>(pieces_));
    std::string packed;
    on_root(comm, [&] {
        std::stable_sort(pieces.begin(), pieces.end(),
                         [](Piece const& a, Piece const& b) { return a.partition < b.partition; });
        packed = pack_manifest(std::move(pieces));
        AtomicFile manifest(manifest_path());
        File::create(manifest.temporary_path())
            .write_at(0, packed.data(), static_cast<std::int64_t>(packed.size()));
        manifest.commit();
    });
    finished_ = true;
    packed = comm.broadcast(std::move(packed));
    collectively(comm, "checkpoint '" + folder_ + "'", [&] { read_manifest(packed); });
}

void CheckpointFiles::start_reading() {
    collectively(context_.comm(), "checkpoint '" + folder_ + "'", [&] {
        for (Piece const& piece : pieces_) {
            auto const at = static_cast<std::size_t>(piece.file);
            if (at >= files_.size()) files_.resize(at + 1);
            if (!files_[at].is_open()) files_[at] = File::open_read(data_path(piece.file));
            check(piece.offset + piece.bytes <= files_[at].size(),
                  "{}: expected at least {} bytes, got {}", files_[at].path(),
                  piece.offset + piece.bytes, files_[at].size());
        }
    });
}

std::span<CheckpointFiles::Piece const> CheckpointFiles::pieces_of(std::int64_t partition) const {
    auto const [first, last] =
        std::equal_range(pieces_.begin(), pieces_.end(), Piece{partition, 0, 0, 0, 0},
                         [](Piece const& a, Piece const& b) { return a.partition < b.partition; });
    return {first, last};
}

void CheckpointFiles::for_each_piece(std::int64_t partition,
                                     FunctionRef<void(std::span<std::byte const>)> read) const {
    PooledBuffer buffer;
    for (Piece const& piece : pieces_of(partition)) {
        if (buffer.capacity() < piece.bytes) buffer = PooledBuffer(context_.memory(), piece.bytes);
        File const& file = files_[static_cast<std::size_t>(piece.file)];
        file.read_at(piece.offset, buffer.data(), piece.bytes);
        std::span<std::byte const> const bytes(buffer.data(),
                                               static_cast<std::size_t>(piece.bytes));
        check(hash_of(bytes) == piece.hash, "{}: {} bytes from {} are damaged: remove the folder",
              file.path(), piece.bytes, piece.offset);
        read(bytes);
    }
}

}  // namespace partita::dataset
