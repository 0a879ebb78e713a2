#include "partita/io/hdf5_writer.hpp"

#include "io/hdf5_attributes.hpp"
#include "io/hdf5_layout.hpp"
#include "io/reserve.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/comm/on_root.hpp"
#include "partita/io/shared_file.hpp"

#include <algorithm>
#include <map>
#include <variant>

namespace partita::io {

namespace {

/// Where a dataset's rows lie in the file.
struct Place {
    std::int64_t offset = 0;
    std::int64_t row_bytes = 0;
    std::int64_t rows = 0;
};

struct AttributeValue {
    std::string dataset, name;
    std::variant<std::string, double, std::int64_t> value;
};

}  // namespace

struct Hdf5Writer::State {
    std::vector<std::int64_t> offsets;  // before `file`, whose construction fills it
    SharedFile file;
    std::map<std::string, Place, std::less<>> places;
    std::vector<AttributeValue> attributes;
    std::vector<std::pair<std::string, std::string>> links;

    State(Communicator const& comm, std::string const& path,
          std::vector<Hdf5DatasetSpec> const& specs, bool overwrite)
        : offsets(checked_size(comm, path, specs)),
          file(comm, path, planned_bytes(specs), overwrite, [&](std::string const& temporary) {
              offsets = lay_out_hdf5(temporary, path, specs);
          }) {
        find_places(comm, specs);
    }

    State(Communicator const& comm, PartialOutput& partial, std::string const& name,
          std::vector<Hdf5DatasetSpec> const& specs)
        : offsets(checked_size(comm, partial.path(), specs)),
          file(comm, partial, name, planned_bytes(specs), [&](std::string const& temporary) {
              offsets = lay_out_hdf5(temporary, partial.path(), specs);
          }) {
        on_root(comm, [&] {
            // What the job before added at its end, if it came so far, goes.
            if (partial.recorded_bytes(name))
                offsets = restore_hdf5_layout(file.temporary_path(), partial.path(), specs);
            partial.set_bytes(name, File::open_read(file.temporary_path()).size());
        });
        find_places(comm, specs);
    }

    static std::vector<std::int64_t> checked_size(Communicator const& comm, std::string const& path,
                                                  std::vector<Hdf5DatasetSpec> const& specs) {
        return collectively(comm, "", [&] {
            check_datasets(path, specs);
            return std::vector<std::int64_t>(specs.size(), 0);
        });
    }

    void find_places(Communicator const& comm, std::vector<Hdf5DatasetSpec> const& specs) {
        comm.broadcast(std::span<std::int64_t>(offsets));
        for (std::size_t i = 0; i < specs.size(); ++i)
            places[absolute_name(specs[i].name)] = {
                offsets[i], specs[i].element_bytes() * std::max<std::int64_t>(specs[i].cols, 1),
                specs[i].rows};
    }

    void finish(std::string const& temporary) const;
    void add_tail(std::string const& temporary) const;
    std::int64_t tail_bytes() const;
    void add_hard_link(hid_t opened, std::string const& alias, std::string const& dataset) const;
    void add_attribute(hid_t opened, AttributeValue const& attribute) const;
};

/// Add what is small and comes last.
void Hdf5Writer::State::finish(std::string const& temporary) const {
    // HDF5 crashes at the program's end when a disk was full at the close of a file, so ask before.
    // What it does not need, it cuts off.
    File whole = File::open_write(temporary);
    reserve(whole, whole.size(), tail_bytes(), file.path());
    whole.close();
    add_tail(temporary);
}

void Hdf5Writer::State::add_tail(std::string const& temporary) const {
    Hdf5Lock const lock;
    Hdf5Properties const access = hdf5_file_access();
    Hdf5File opened(H5Fopen(temporary.c_str(), H5F_ACC_RDWR, access.get()));
    check_hdf5(static_cast<bool>(opened), file.path(), "cannot reopen the file");
    for (auto const& [alias, dataset] : links) add_hard_link(opened.get(), alias, dataset);
    for (auto const& attribute : attributes) add_attribute(opened.get(), attribute);
    check_hdf5(opened.reset(), file.path(), "cannot finish the file");
}

std::int64_t Hdf5Writer::State::tail_bytes() const {
    constexpr std::int64_t most_per_item = 8 << 10;
    std::int64_t bytes =
        most_per_item * static_cast<std::int64_t>(1 + attributes.size() + links.size());
    for (auto const& attribute : attributes)
        if (auto const* text = std::get_if<std::string>(&attribute.value))
            bytes += 2 * static_cast<std::int64_t>(text->size());
    return bytes;
}

void Hdf5Writer::State::add_hard_link(hid_t opened, std::string const& alias,
                                      std::string const& dataset) const {
    Hdf5Properties const links_access(H5Pcreate(H5P_LINK_CREATE));
    H5Pset_create_intermediate_group(links_access.get(), 1);
    herr_t const linked =
        H5Lcreate_hard(opened, absolute_name(dataset).c_str(), opened, absolute_name(alias).c_str(),
                       links_access.get(), H5P_DEFAULT);
    check_hdf5(linked >= 0, file.path(), fmt::format("cannot link '{}'", alias).c_str());
}

void Hdf5Writer::State::add_attribute(hid_t opened, AttributeValue const& attribute) const {
    Hdf5Object const object(H5Oopen(opened, absolute_name(attribute.dataset).c_str(), H5P_DEFAULT));
    check(static_cast<bool>(object), "{}: no dataset '{}' for attribute '{}'", file.path(),
          attribute.dataset, attribute.name);
    std::visit([&](auto const& value) { write_attribute(object.get(), attribute.name, value); },
               attribute.value);
}

Hdf5Writer::Hdf5Writer(Communicator const& comm, std::string const& path,
                       std::vector<Hdf5DatasetSpec> const& datasets, bool overwrite)
    : state_(std::make_unique<State>(comm, path, datasets, overwrite)) {}

Hdf5Writer::Hdf5Writer(Communicator const& comm, PartialOutput& partial, std::string const& name,
                       std::vector<Hdf5DatasetSpec> const& datasets)
    : state_(std::make_unique<State>(comm, partial, name, datasets)) {}

Hdf5Writer::~Hdf5Writer() = default;
Hdf5Writer::Hdf5Writer(Hdf5Writer&&) noexcept = default;
Hdf5Writer& Hdf5Writer::operator=(Hdf5Writer&&) noexcept = default;

void Hdf5Writer::write_rows(std::string_view dataset, std::int64_t first, std::int64_t count,
                            void const* data) const {
    std::string const name = absolute_name(std::string(dataset));
    auto const place = state_->places.find(name);
    check(place != state_->places.end(), "{}: no dataset '{}'", state_->file.path(), dataset);
    auto const [offset, row_bytes, rows] = place->second;
    check(0 <= first && 0 <= count && count <= rows - first,
          "{}:{}: expected rows within [0, {}), got [{}, {})", state_->file.path(), name, rows,
          first, first + count);
    if (count > 0) state_->file.write_at(offset + first * row_bytes, data, count * row_bytes);
}

void Hdf5Writer::set_attribute(std::string const& name, std::string const& value,
                               std::string const& dataset) {
    state_->attributes.push_back({dataset, name, value});
}
void Hdf5Writer::set_attribute(std::string const& name, double value, std::string const& dataset) {
    state_->attributes.push_back({dataset, name, value});
}
void Hdf5Writer::set_attribute(std::string const& name, std::int64_t value,
                               std::string const& dataset) {
    state_->attributes.push_back({dataset, name, value});
}

void Hdf5Writer::sync() const { state_->file.sync(); }

void Hdf5Writer::add_link(std::string const& alias, std::string const& dataset) {
    state_->links.emplace_back(alias, dataset);
}

void Hdf5Writer::commit() {
    state_->file.commit([this](std::string const& temporary) { state_->finish(temporary); });
}

}  // namespace partita::io
