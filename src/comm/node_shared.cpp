#include "partita/comm/node_shared.hpp"

#include "comm/shared_mapping.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/scratch.hpp"

#include <atomic>
#include <optional>

namespace partita {

namespace {

constexpr char const* shared_memory_folder = "/dev/shm";

/// A file in memory that goes away, name and all, when the leader no longer needs the name: the
/// mappings keep the pages.
struct NamedMemory {
    std::optional<ScratchDir> folder;
    std::string path;
};

NamedMemory make_named_memory(std::int64_t bytes) {
    NamedMemory memory{ScratchDir(shared_memory_folder), ""};
    memory.path = memory.folder->path() + "/shared";
    check_room(memory.folder->path(), bytes);
    File const file = File::create(memory.path);
    file.resize(bytes);
    SharedMapping(file, bytes).populate(file, 0, bytes);
    return memory;
}

}  // namespace

// Not an MPI window: freeing that is collective, and would hang a rank that leaves by an error.
struct NodeSharedMemory::State {
    Communicator node;
    SharedMapping mapping;
};

NodeSharedMemory::NodeSharedMemory(Topology const& topology, std::int64_t bytes) {
    Communicator const& node = topology.on_node();
    bytes = node.broadcast(bytes);
    NamedMemory memory = collectively(node, "node-shared memory", [&] {
        check(bytes >= 0, "expected a size of at least 0, got {}", bytes);
        return topology.is_node_leader() ? make_named_memory(bytes) : NamedMemory{};
    });
    std::string const path = node.broadcast(memory.path);
    state_ = collectively(node, "node-shared memory", [&] {
        return std::make_unique<State>(State{node, SharedMapping(File::open_write(path), bytes)});
    });
}

NodeSharedMemory::~NodeSharedMemory() = default;
NodeSharedMemory::NodeSharedMemory(NodeSharedMemory&&) noexcept = default;
NodeSharedMemory& NodeSharedMemory::operator=(NodeSharedMemory&&) noexcept = default;

std::byte* NodeSharedMemory::data() const { return state_->mapping.data(); }

std::int64_t NodeSharedMemory::size() const { return state_->mapping.size(); }

void NodeSharedMemory::synchronise() const {
    std::atomic_thread_fence(std::memory_order_seq_cst);
    state_->node.barrier();
    std::atomic_thread_fence(std::memory_order_seq_cst);
}

}  // namespace partita
