#include "partita/comm/broadcast_file.hpp"

#include "comm/cached_copy.hpp"
#include "comm/copy_target.hpp"
#include "comm/file_chain.hpp"
#include "comm/limits.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/scratch.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>

namespace partita {

namespace {

/// What root knows and decides for all.
struct Plan {
    std::int64_t file_bytes = 0;
    std::int64_t chunk_bytes = 1;
    std::uint64_t hash = 0;
    bool hash_is_known = false;
    bool root_node_uses_original = true;
    bool verify_copies = false;
};

/// A copy under construction on a node leader. It goes away with its folder unless moved out.
struct NewCopy {
    std::optional<ScratchDir> folder;
    std::string path;
    std::unique_ptr<CopyTarget> target;  // last: it writes into the folder until it ends
};

/// One call of broadcast_file. All functions are collective over `comm_`.
class Broadcast {
  public:
    Broadcast(Communicator const& comm, Topology const& topology, std::string const& path,
              BroadcastFileOptions const& options)
        : comm_(comm),
          topology_(topology),
          options_(options),
          path_(comm.broadcast(path)),
          what_("broadcast '" + path_ + "'") {}

    BroadcastFileResult run() {
        make_plan();
        double const start = MPI_Wtime();
        look_for_copies();
        int const receivers = comm_.all_reduce(needs_copy_ ? 1 : 0, Reduce::sum);
        if (receivers > 0) transfer();
        know_hash();
        BroadcastFileResult result;
        result.local_path = topology_.on_node().broadcast(local_path());
        result.file_bytes = plan_.file_bytes;
        result.hash = plan_.hash;
        result.nodes = topology_.nodes();
        result.nodes_that_had_it = topology_.nodes() - receivers;
        result.seconds = comm_.broadcast(MPI_Wtime() - start);
        if (receivers > 0 && result.seconds > 0)
            result.gigabytes_per_second =
                static_cast<double>(plan_.file_bytes) / result.seconds / 1e9;
        return result;
    }

  private:
    void make_plan() {
        collectively(comm_, what_, [&] {
            if (!comm_.is_root()) return;
            source_ = File::open_read(path_);
            original_ = std::filesystem::absolute(path_);
            plan_.file_bytes = source_.size();
            plan_.chunk_bytes =
                std::clamp<std::int64_t>(options_.chunk_bytes, 1, comm_limits::piece_bytes());
            plan_.hash = options_.known_hash;
            plan_.hash_is_known = options_.known_hash != 0;
            plan_.root_node_uses_original = options_.root_node_uses_original;
            plan_.verify_copies = options_.verify_copies;
        });
        plan_ = comm_.broadcast(plan_);
    }

    bool uses_original() const { return topology_.node() == 0 && plan_.root_node_uses_original; }

    /// Set needs_copy_. The hash is computed beforehand only if a copy might be there: on the
    /// first run it comes for free while the file is sent.
    void look_for_copies() {
        bool const candidate = topology_.is_node_leader() && !uses_original();
        bool const likely = candidate && has_copy_of_size(options_.cache_dir, plan_.file_bytes);
        if (comm_.all_reduce(likely ? 1 : 0, Reduce::max) == 1) know_hash();
        needs_copy_ = collectively(comm_, what_, [&] {
            if (!candidate) return false;
            return !plan_.hash_is_known || !has_valid_copy(options_.cache_dir, plan_.hash,
                                                           plan_.file_bytes, plan_.verify_copies);
        });
    }

    void know_hash() {
        if (plan_.hash_is_known) return;
        plan_.hash = comm_.broadcast(collectively(
            comm_, what_, [&] { return comm_.is_root() ? hash_file(path_) : std::uint64_t{0}; }));
        plan_.hash_is_known = true;
    }

    void transfer() {
        Chunks const chunks{plan_.file_bytes, plan_.chunk_bytes};
        NewCopy copy;
        std::optional<ChainLink> link;
        collectively(comm_, what_, [&] {
            if (needs_copy_) {
                evict_copies(options_.cache_dir, plan_.file_bytes);
                copy.folder.emplace(options_.cache_dir);
                copy.path = copy.folder->path() + "/copy";
                copy.target = make_copy_target(copy.path, chunks);
            }
            if (comm_.is_root() || needs_copy_) link.emplace(*topology_.leaders(), chunks);
        });
        ChainOutcome outcome;
        if (topology_.is_node_leader()) join_chain(link);
        if (link) {
            link->target = copy.target.get();
            link->skip_hash = comm_.is_root() && plan_.hash_is_known && !needs_copy_;
            outcome =
                comm_.is_root() ? send_along(*link, source_, sent_so_far()) : receive_along(*link);
        }
        copy.target.reset();
        accept(copy, outcome);
    }

    /// Find this rank's neighbours: root, then the leaders that need a copy, by node.
    void join_chain(std::optional<ChainLink>& link) {
        Communicator const& leaders = *topology_.leaders();
        std::vector<int> const needs = leaders.all_gather(needs_copy_ ? 1 : 0);
        int previous = MPI_PROC_NULL;
        for (int leader = 0; leader < leaders.size(); ++leader) {
            if (leader > 0 && needs[static_cast<std::size_t>(leader)] == 0) continue;
            if (leader == leaders.rank()) link->previous = previous;
            if (previous == leaders.rank()) link->next = leader;
            previous = leader;
        }
    }

    std::function<void(std::int64_t)> sent_so_far() const {
        if (!options_.progress) return {};
        return [this](std::int64_t bytes) { options_.progress(bytes, plan_.file_bytes); };
    }

    /// Agree that every copy is what root has, and give the copies their names.
    void accept(NewCopy const& copy, ChainOutcome const& outcome) {
        agree(comm_, what_, outcome.failure);
        if (!plan_.hash_is_known) plan_.hash = comm_.broadcast(outcome.hash);
        plan_.hash_is_known = true;
        collectively(comm_, what_, [&] {
            if (needs_copy_)
                check(outcome.hash == plan_.hash,
                      "{}: expected a copy with hash {:016x}, got {:016x}", options_.cache_dir,
                      plan_.hash, outcome.hash);
        });
        collectively(comm_, what_, [&] {
            if (needs_copy_)
                std::filesystem::rename(
                    copy.path, cached_copy_path(options_.cache_dir, plan_.hash, plan_.file_bytes));
        });
    }

    /// On a leader: where its node finds the file.
    std::string local_path() const {
        if (!topology_.is_node_leader()) return "";
        if (uses_original()) return original_;
        return cached_copy_path(options_.cache_dir, plan_.hash, plan_.file_bytes);
    }

    Communicator const& comm_;
    Topology const& topology_;
    BroadcastFileOptions const& options_;
    std::string path_;
    std::string what_;
    Plan plan_;
    File source_;           // open on root only
    std::string original_;  // root's file, on root only
    bool needs_copy_ = false;
};

}  // namespace

BroadcastFileResult broadcast_file(Communicator const& comm, Topology const& topology,
                                   std::string const& path, BroadcastFileOptions const& options) {
    return Broadcast(comm, topology, path, options).run();
}

}  // namespace partita
