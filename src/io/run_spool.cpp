#include "partita/io/run_spool.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"

#include <algorithm>

namespace partita::io {

namespace {

constexpr std::int64_t piece_bytes = 1 << 20;

}  // namespace

RunSpool::RunSpool(Communicator const& comm, PartialOutput const& partial, std::string const& name)
    : comm_(comm),
      output_path_(partial.path()),
      path_(partial.file(fmt::format("{}.rank{}", name, comm.rank()))) {}

void RunSpool::keep(std::int64_t first, std::string_view block) {
    if (!file_.is_open()) file_ = File::create(path_);
    auto const bytes = static_cast<std::int64_t>(block.size());
    try {
        file_.write_at(bytes_, block.data(), bytes);
    } catch (Error const& error) {
        std::string_view message = error.what();
        if (message.starts_with(path_)) message.remove_prefix(path_.size());
        fail("{}{}", output_path_, message);  // the file that users know
    }
    blocks_.push_back({first, bytes});
    bytes_ += bytes;
}

std::vector<std::int64_t> RunSpool::append_to(OrderedTextWriter& out, Change const& change) {
    std::vector<std::int64_t> places = make_room(out);
    collectively(comm_, "", [&] {
        copy(out, places, change);
        if (file_.is_open()) file_.resize(0);
    });
    blocks_.clear();
    bytes_ = 0;
    return places;
}

/// Where this rank's blocks go.
std::vector<std::int64_t> RunSpool::make_room(OrderedTextWriter& out) const {
    std::vector<Block> all = comm_.all_gather_varying(std::span<Block const>(blocks_));
    std::ranges::sort(all, {}, &Block::first);
    std::vector<std::int64_t> starts;
    std::int64_t total = 0;
    for (Block const& block : all) {
        starts.push_back(total);
        total += block.bytes;
    }
    std::int64_t const begin = out.extend(total);
    std::vector<std::int64_t> places;
    for (Block const& block : blocks_) {
        auto const at = std::ranges::lower_bound(all, block.first, {}, &Block::first) - all.begin();
        places.push_back(begin + starts[static_cast<std::size_t>(at)]);
    }
    return places;
}

void RunSpool::copy(OrderedTextWriter const& out, std::vector<std::int64_t> const& places,
                    Change const& change) const {
    std::vector<std::byte> piece(static_cast<std::size_t>(std::min(bytes_, piece_bytes)));
    std::int64_t from = 0;
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
        for (std::int64_t at = 0; at < blocks_[i].bytes; at += piece_bytes) {
            std::int64_t const count = std::min(piece_bytes, blocks_[i].bytes - at);
            file_.read_at(from + at, piece.data(), count);
            if (change) change(i, std::span(piece).first(static_cast<std::size_t>(count)));
            out.write_at(places[i] + at, piece.data(), count);
        }
        from += blocks_[i].bytes;
    }
}

}  // namespace partita::io
