#include "knn/shard/shard_bytes.hpp"

#include "partita/comm/all_to_all.hpp"
#include "partita/comm/collectively.hpp"
#include "partita/core/bytes.hpp"
#include "partita/core/hash.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

namespace partita::knn {

namespace {

constexpr std::int64_t sampled_places = 64, sampled_bytes = 4096;

/// Hash of length, beginning, end and some places between; 0 = no such file.
std::uint64_t fingerprint(std::string const& path) {
    if (!file_exists(path)) return 0;
    File const file = File::open_read(path);
    std::int64_t const size = file.size();
    std::uint64_t hash = mix64(static_cast<std::uint64_t>(size) + 1);
    std::vector<std::byte> block(static_cast<std::size_t>(std::min(sampled_bytes, size)));
    for (std::int64_t i = 0; i < sampled_places; ++i) {
        std::int64_t const last = size - std::ssize(block);
        file.read_at(last * i / (sampled_places - 1), block.data(), std::ssize(block));
        hash = mix64(hash ^ hash_bytes(block.data(), block.size()));
    }
    return hash | 1;
}

std::int64_t bytes_of(std::vector<FilePart> const& parts) {
    std::int64_t bytes = 0;
    for (FilePart const& part : parts) bytes += part.bytes;
    return bytes;
}

/// The bytes of a rank's parts one after the other, as they are sent.
class PartStream {
  public:
    PartStream(std::byte const* file, std::vector<FilePart> parts)
        : file_(file), parts_(std::move(parts)) {}

    /// The next at most `room` bytes to `out`. Returns how many.
    std::int64_t read(std::byte* out, std::int64_t room) {
        std::int64_t done = 0;
        while (done < room && at_ < parts_.size()) {
            FilePart const& part = parts_[at_];
            std::int64_t const bytes = std::min(part.bytes - within_, room - done);
            std::memcpy(out + done, file_ + part.offset + within_, static_cast<std::size_t>(bytes));
            done += bytes;
            within_ += bytes;
            if (within_ < part.bytes) break;
            ++at_;
            within_ = 0;
        }
        return done;
    }

  private:
    std::byte const* file_;
    std::vector<FilePart> parts_;
    std::size_t at_ = 0;
    std::int64_t within_ = 0;
};

}  // namespace

void check_share(std::vector<FilePart> const& parts, std::int64_t memory_bytes) {
    std::int64_t const bytes = bytes_of(parts);
    check(bytes <= memory_bytes - memory_bytes / 8,
          "a rank's share of the index takes {}, but --memory gives {}: expected more ranks or "
          "more memory",
          format_bytes(static_cast<double>(bytes)),
          format_bytes(static_cast<double>(memory_bytes)));
}

bool sees_roots_file(Communicator const& comm, Topology const& topology, std::string const& path) {
    std::string const roots = comm.broadcast(path);
    bool const emulated = topology.ranks_on_machine() > topology.ranks_on_node();
    std::uint64_t const mine = collectively(comm, "", [&] {
        if (emulated && topology.node() != 0) return std::uint64_t{0};
        return fingerprint(roots);
    });
    std::uint64_t const that_of_root = comm.broadcast(mine);
    return mine != 0 && mine == that_of_root;
}

class ShardLoader {
  public:
    ShardLoader(Communicator const& comm, MappedFile const& file,
                std::function<std::vector<FilePart>(int)> const& parts_of)
        : comm_(comm), file_(file), parts_of_(parts_of) {}

    ShardBytes run(std::string const& path, bool sees, std::int64_t memory_bytes) {
        needs_ = comm_.all_gather(sees ? 0 : 1);
        collectively(comm_, "load index", [&] {
            my_parts_ = parts_of_(comm_.rank());
            if (sees)
                shard_.file_ = MappedFile(path);
            else
                make_room(memory_bytes);
        });
        std::int64_t const receivers = std::count(needs_.begin(), needs_.end(), 1);
        if (receivers > 0) send(std::max<std::int64_t>(memory_bytes / 4 / receivers, 1 << 10));
        locate();
        return std::move(shard_);
    }

  private:
    void make_room(std::int64_t memory_bytes) {
        check_share(my_parts_, memory_bytes);
        shard_.received_ = Buffer<std::byte>(bytes_of(my_parts_));
    }

    void send(std::int64_t chunk_bytes) {
        std::int64_t const chunk = comm_.broadcast(std::min<std::int64_t>(chunk_bytes, 16 << 20));
        std::int64_t const mine = shard_.received_.size();
        std::int64_t const most = comm_.all_reduce(mine, Reduce::max);
        std::vector<std::optional<PartStream>> streams(needs_.size());
        Buffer<std::byte> packed;
        collectively(comm_, "load index", [&] {
            if (!comm_.is_root()) return;
            for (std::size_t r = 0; r < needs_.size(); ++r)
                if (needs_[r]) streams[r].emplace(file_.data(), parts_of_(static_cast<int>(r)));
            packed = Buffer<std::byte>(chunk * std::count(needs_.begin(), needs_.end(), 1));
        });
        std::vector<std::int64_t> bytes_to(needs_.size()), bytes_from;
        for (std::int64_t begin = 0; begin < most; begin += chunk) {
            std::int64_t used = 0;
            for (std::size_t r = 0; r < streams.size(); ++r) {
                bytes_to[r] = streams[r] ? streams[r]->read(packed.data() + used, chunk) : 0;
                used += bytes_to[r];
            }
            all_to_all_bytes(
                comm_, {packed.data(), static_cast<std::size_t>(used)}, bytes_to, bytes_from,
                [&](std::int64_t) { return shard_.received_.data() + std::min(begin, mine); });
        }
    }

    void locate() {
        std::int64_t place = 0;
        for (FilePart const& part : my_parts_) {
            shard_.parts_.push_back(shard_.is_mapped() ? shard_.file_.data() + part.offset
                                                       : shard_.received_.data() + place);
            place += part.bytes;
        }
    }

    Communicator const& comm_;
    MappedFile const& file_;
    std::function<std::vector<FilePart>(int)> const& parts_of_;
    std::vector<int> needs_;
    std::vector<FilePart> my_parts_;
    ShardBytes shard_;
};

ShardBytes load_shards(Communicator const& comm, Topology const& topology, std::string const& path,
                       MappedFile const& file,
                       std::function<std::vector<FilePart>(int rank)> const& parts_of,
                       std::int64_t memory_bytes) {
    bool const sees = sees_roots_file(comm, topology, path);
    std::string const roots = comm.broadcast(path);
    return ShardLoader(comm, file, parts_of).run(roots, sees, memory_bytes);
}

}  // namespace partita::knn
