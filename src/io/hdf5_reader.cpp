#include "partita/io/hdf5_reader.hpp"

#include "io/hdf5_attributes.hpp"
#include "io/hdf5_datasets.hpp"
#include "io/hdf5_open.hpp"

#include "partita/core/suggest.hpp"

#include <algorithm>
#include <map>

namespace partita::io {

namespace {

/// Room for decompressed chunks, so that consecutive reads need not decompress one twice.
constexpr std::size_t chunk_cache_bytes = 32 << 20;
constexpr std::size_t chunk_cache_slots = 5003;
/// Chunks that were read to their end go first.
constexpr double drop_read_chunks_first = 1.0;

struct OpenDataset {
    Hdf5Dataset id;
    Hdf5DatasetInfo info;
};

OpenDataset open_dataset(hid_t file, std::string const& name) {
    Hdf5Properties const access(H5Pcreate(H5P_DATASET_ACCESS));
    H5Pset_chunk_cache(access.get(), chunk_cache_slots, chunk_cache_bytes, drop_read_chunks_first);
    OpenDataset dataset;
    dataset.id = Hdf5Dataset(H5Dopen2(file, name.c_str(), access.get()));
    if (dataset.id) dataset.info = info_of(dataset.id.get(), name);
    return dataset;
}

/// " (did you mean 'train'?)", or what there is when nothing is near.
std::string hint(std::string const& wanted, std::vector<Hdf5DatasetInfo> const& datasets) {
    std::vector<std::string> names;
    for (auto const& dataset : datasets) names.push_back(dataset.name.substr(1));
    std::string const near = did_you_mean(wanted.substr(1), names);
    if (!near.empty()) return near;
    if (names.empty()) return " (it holds none)";
    constexpr std::size_t most = 8;
    std::string const more = names.size() > most ? ", ..." : "";
    names.resize(std::min(names.size(), most));
    return fmt::format(" (it holds {}{})", fmt::join(names, ", "), more);
}

}  // namespace

struct Hdf5Reader::State {
    std::string path;
    Hdf5File file;
    mutable std::map<std::string, OpenDataset> open;  // after `file`: closed before it

    /// Opened once and kept, with its chunk cache.
    OpenDataset const& dataset(std::string const& name) const {
        std::string const absolute = absolute_name(name);
        if (auto const known = open.find(absolute); known != open.end()) return known->second;
        OpenDataset found = open_dataset(file.get(), absolute);
        if (!found.id)
            fail("{}: no dataset '{}'{}", path, absolute.substr(1),
                 hint(absolute, list_datasets(file.get())));
        return open.emplace(absolute, std::move(found)).first->second;
    }

    OpenDataset const& rows_of(std::string const& name, std::int64_t first,
                               std::int64_t last) const {
        OpenDataset const& found = dataset(name);
        auto const& shape = found.info.shape;
        check(shape.size() == 1 || shape.size() == 2, "{}: expected 1 or 2 dimensions, got {}",
              where(found), shape.size());
        check(0 <= first && first <= last && last <= shape[0],
              "{}: expected rows within [0, {}), got [{}, {})", where(found), shape[0], first,
              last);
        return found;
    }

    std::string where(OpenDataset const& dataset) const { return path + ":" + dataset.info.name; }

    Hdf5Object object(std::string const& name) const {
        return Hdf5Object(H5Oopen(file.get(), absolute_name(name).c_str(), H5P_DEFAULT));
    }
};

bool is_hdf5_file(std::string const& path) { return looks_like_hdf5(path); }

Hdf5Reader::Hdf5Reader(std::string const& path) : state_(std::make_unique<State>()) {
    state_->path = path;
    state_->file = open_hdf5(path);
}

Hdf5Reader::~Hdf5Reader() = default;
Hdf5Reader::Hdf5Reader(Hdf5Reader&&) noexcept = default;
Hdf5Reader& Hdf5Reader::operator=(Hdf5Reader&&) noexcept = default;

std::string const& Hdf5Reader::path() const { return state_->path; }

std::vector<Hdf5DatasetInfo> Hdf5Reader::datasets() const {
    Hdf5Lock const lock;
    return list_datasets(state_->file.get());
}

Hdf5DatasetInfo Hdf5Reader::info(std::string const& dataset) const {
    Hdf5Lock const lock;
    return state_->dataset(dataset).info;
}

bool Hdf5Reader::has(std::string const& dataset) const {
    Hdf5Lock const lock;
    return static_cast<bool>(
        Hdf5Dataset(H5Dopen2(state_->file.get(), absolute_name(dataset).c_str(), H5P_DEFAULT)));
}

void Hdf5Reader::read_rows(std::string const& dataset, std::int64_t first, std::int64_t last,
                           format::ElementType as, void* out) const {
    Hdf5Lock const lock;
    OpenDataset const& found = state_->rows_of(dataset, first, last);
    check(found.info.type.has_value(), "{}: expected numbers, got {}", state_->where(found),
          found.info.type_name);
    read_numbers(found.id.get(), state_->where(found), first, last - first, as, out);
}

std::vector<std::string> Hdf5Reader::read_texts(std::string const& dataset, std::int64_t first,
                                                std::int64_t last) const {
    Hdf5Lock const lock;
    OpenDataset const& found = state_->rows_of(dataset, first, last);
    check(found.info.is_text, "{}: expected strings, got {}", state_->where(found),
          found.info.type_name);
    check(found.info.shape.size() == 1, "{}: expected 1 dimension, got 2", state_->where(found));
    return read_strings(found.id.get(), state_->where(found), first, last - first);
}

void Hdf5Reader::read_records(std::string const& dataset, std::int64_t first, std::int64_t last,
                              std::span<Hdf5Member const> members, void* out) const {
    Hdf5Lock const lock;
    OpenDataset const& found = state_->rows_of(dataset, first, last);
    check(!found.info.members.empty() && found.info.shape.size() == 1,
          "{}: expected a one-dimensional dataset of compounds, got {}", state_->where(found),
          found.info.type_name);
    read_members(found.id.get(), state_->where(found), first, last - first, members, out);
}

std::vector<std::string> Hdf5Reader::read_member_texts(std::string const& dataset,
                                                       std::string const& member,
                                                       std::int64_t first,
                                                       std::int64_t last) const {
    Hdf5Lock const lock;
    OpenDataset const& found = state_->rows_of(dataset, first, last);
    return read_member_strings(found.id.get(), state_->where(found), member, first, last - first);
}

std::optional<std::string> Hdf5Reader::text_attribute(std::string const& object,
                                                      std::string const& name) const {
    Hdf5Lock const lock;
    Hdf5Object const opened = state_->object(object);
    return opened ? read_text_attribute(opened.get(), name) : std::nullopt;
}

std::optional<double> Hdf5Reader::number_attribute(std::string const& object,
                                                   std::string const& name) const {
    Hdf5Lock const lock;
    Hdf5Object const opened = state_->object(object);
    return opened ? read_number_attribute(opened.get(), name) : std::nullopt;
}

std::vector<std::pair<std::string, std::string>> Hdf5Reader::attributes(
    std::string const& object) const {
    Hdf5Lock const lock;
    Hdf5Object const opened = state_->object(object);
    if (!opened) return {};
    return list_attributes(opened.get());
}

}  // namespace partita::io
