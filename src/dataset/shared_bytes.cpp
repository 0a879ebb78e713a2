#include "partita/dataset/shared_bytes.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/comm/node_shared.hpp"
#include "partita/comm/topology.hpp"
#include "partita/core/bytes.hpp"

#include <algorithm>
#include <optional>

namespace partita::dataset {
namespace {

constexpr std::int64_t shared_from_bytes = 1 << 20;

}  // namespace

struct SharedBytes::State {
    explicit State(Context where) : context(std::move(where)) {}
    ~State() { context.memory().release(counted); }

    void copy_to_nodes(std::span<std::byte const> roots) {
        Topology const topology(context.comm());
        try {
            shared.emplace(topology, size);
        } catch (CollectiveError const&) {  // of this node's ranks
        }
        bool const everywhere = context.comm().all_reduce(shared ? 1 : 0, Reduce::min) == 1;
        if (!everywhere) return shared.reset();
        if (context.comm().is_root()) std::copy(roots.begin(), roots.end(), shared->data());
        if (topology.leaders())
            topology.leaders()->broadcast(
                std::span(shared->data(), static_cast<std::size_t>(size)));
        shared->synchronise();
        count(size / topology.ranks_on_node());
    }
    void copy_to_ranks(std::span<std::byte const> roots) {
        collectively(context.comm(), "broadcast", [&] {
            own = PooledBuffer(context.memory(), size);
            if (context.comm().is_root()) std::copy(roots.begin(), roots.end(), own.data());
        });
        context.comm().broadcast(std::span(own.data(), static_cast<std::size_t>(size)));
        count(size);
    }
    void count(std::int64_t bytes) {
        context.memory().keep(bytes);
        counted = bytes;
    }

    Context context;
    std::int64_t size = 0, counted = 0;
    std::optional<NodeSharedMemory> shared;
    PooledBuffer own;
};

SharedBytes::SharedBytes(Context const& context, std::span<std::byte const> roots)
    : state_(std::make_unique<State>(context)) {
    state_->size = context.comm().broadcast(static_cast<std::int64_t>(roots.size()));
    std::int64_t const most = context.comm().all_reduce(context.memory().kept_limit(), Reduce::min);
    if (state_->size > most)
        throw CollectiveError(
            fmt::format("broadcast: expected at most {}, which is what a rank may keep, got {}",
                        format_bytes(static_cast<double>(most)),
                        format_bytes(static_cast<double>(state_->size))));
    if (state_->size >= shared_from_bytes) state_->copy_to_nodes(roots);
    if (!state_->shared) state_->copy_to_ranks(roots);
}

SharedBytes::~SharedBytes() = default;

std::span<std::byte const> SharedBytes::bytes() const {
    std::byte const* const data = state_->shared ? state_->shared->data() : state_->own.data();
    return {data, static_cast<std::size_t>(state_->size)};
}

bool SharedBytes::is_shared() const { return state_->shared.has_value(); }

}  // namespace partita::dataset
