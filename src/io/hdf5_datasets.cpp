#include "io/hdf5_datasets.hpp"

#include "io/hdf5_types.hpp"

#include <algorithm>

namespace partita::io {

namespace {

struct Listing {
    hid_t file;
    std::vector<Hdf5DatasetInfo> found;
};

herr_t add_if_dataset(hid_t, char const* name, H5L_info_t const* link, void* listing) {
    // An external link leads to another file: not part of what this one holds.
    if (link->type != H5L_TYPE_HARD && link->type != H5L_TYPE_SOFT) return 0;
    auto* const all = static_cast<Listing*>(listing);
    Hdf5Dataset const dataset(H5Dopen2(all->file, name, H5P_DEFAULT));
    if (dataset) all->found.push_back(info_of(dataset.get(), absolute_name(name)));
    return 0;
}

/// The file's space with rows [first, first + count) selected.
Hdf5Space select_rows(hid_t dataset, std::int64_t first, std::int64_t count) {
    Hdf5Space space(H5Dget_space(dataset));
    std::vector<std::int64_t> const extent = extent_of(space.get());
    std::vector<hsize_t> start(extent.size(), 0), size(extent.begin(), extent.end());
    start[0] = static_cast<hsize_t>(first);
    size[0] = static_cast<hsize_t>(count);
    H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), nullptr, size.data(), nullptr);
    return space;
}

void read_selected(hid_t dataset, std::string const& where, hid_t type, hid_t space, hid_t transfer,
                   void* out) {
    auto const elements = static_cast<hsize_t>(H5Sget_select_npoints(space));
    Hdf5Space const memory(H5Screate_simple(1, &elements, nullptr));
    check_hdf5(H5Dread(dataset, type, memory.get(), space, transfer, out) >= 0, where,
               "cannot read it");
}

/// HDF5 clips numbers that do not fit and cuts off fractions; for integers, which are ids and
/// positions here, that is an error.
H5T_conv_ret_t refuse_inexact_integer(H5T_conv_except_t what, hid_t, hid_t target, void*, void*,
                                      void* refused) {
    if (H5Tget_class(target) != H5T_INTEGER || what == H5T_CONV_EXCEPT_PRECISION)
        return H5T_CONV_UNHANDLED;
    *static_cast<bool*>(refused) = true;
    return H5T_CONV_ABORT;
}

/// Read rows as a type in memory; `wanted` names it when a value is none.
void read_exactly(hid_t dataset, std::string const& where, std::int64_t first, std::int64_t count,
                  hid_t type, std::string_view wanted, void* out) {
    bool refused = false;
    Hdf5Properties const transfer(H5Pcreate(H5P_DATASET_XFER));
    H5Pset_type_conv_cb(transfer.get(), refuse_inexact_integer, &refused);
    Hdf5Space const space = select_rows(dataset, first, count);
    try {
        read_selected(dataset, where, type, space.get(), transfer.get(), out);
    } catch (Error const&) {
        if (refused) fail("{}: holds a value that is no {}", where, wanted);
        throw;
    }
}

std::vector<std::string> read_variable(hid_t dataset, std::string const& where, hid_t type,
                                       hid_t space, std::int64_t count) {
    std::vector<char*> texts(static_cast<std::size_t>(count), nullptr);
    read_selected(dataset, where, type, space, H5P_DEFAULT, texts.data());
    std::vector<std::string> values;
    values.reserve(texts.size());
    for (char const* text : texts) values.emplace_back(text == nullptr ? "" : text);
    auto const elements = static_cast<hsize_t>(count);
    Hdf5Space const memory(H5Screate_simple(1, &elements, nullptr));
    H5Dvlen_reclaim(type, memory.get(), H5P_DEFAULT, texts.data());
    return values;
}

std::vector<std::string> read_fixed(hid_t dataset, std::string const& where, hid_t type,
                                    hid_t space, std::int64_t count) {
    Hdf5TypeId const padded(H5Tcopy(type));
    H5Tset_strpad(padded.get(), H5T_STR_NULLPAD);
    std::size_t const width = H5Tget_size(type);
    std::string bytes(width * static_cast<std::size_t>(count), '\0');
    read_selected(dataset, where, padded.get(), space, H5P_DEFAULT, bytes.data());
    std::vector<std::string> values;
    values.reserve(static_cast<std::size_t>(count));
    for (std::size_t begin = 0; begin < bytes.size(); begin += width) {
        std::string text = bytes.substr(begin, width);
        text.resize(text.find_last_not_of('\0') + 1);
        values.push_back(std::move(text));
    }
    return values;
}

}  // namespace

namespace {

std::vector<Hdf5MemberInfo> members_of(hid_t type) {
    std::vector<Hdf5MemberInfo> members;
    if (H5Tget_class(type) != H5T_COMPOUND) return members;
    auto const count = static_cast<unsigned>(std::max(H5Tget_nmembers(type), 0));
    for (unsigned i = 0; i < count; ++i) {
        Hdf5TypeId const member(H5Tget_member_type(type, i));
        Hdf5MemberInfo info;
        if (char* const name = H5Tget_member_name(type, i)) {
            info.name = name;
            H5free_memory(name);
        }
        info.type = element_type_of(member.get());
        info.type_name = type_name_of(member.get());
        info.is_text = H5Tget_class(member.get()) == H5T_STRING;
        if (info.is_text && H5Tis_variable_str(member.get()) <= 0)
            info.text_width = static_cast<std::int64_t>(H5Tget_size(member.get()));
        if (H5Tget_class(member.get()) == H5T_ARRAY && H5Tget_array_ndims(member.get()) == 1) {
            Hdf5TypeId const number(H5Tget_super(member.get()));
            hsize_t width = 0;
            if (element_type_of(number.get()) && H5Tget_array_dims2(member.get(), &width) >= 0)
                info.vector_width = static_cast<std::int64_t>(width);
        }
        members.push_back(std::move(info));
    }
    return members;
}

/// The compound of members one after another, whose strings are in the characters that the dataset
/// says (numpy's are ASCII): HDF5 does not turn one set into another.
Hdf5TypeId record_like(hid_t dataset, std::string const& where,
                       std::span<Hdf5Member const> members) {
    Hdf5TypeId const stored(H5Dget_type(dataset));
    return record_of(members, where + ": cannot read the member", [&](Hdf5Member const& member) {
        Hdf5TypeId type = file_type(member.type);
        int const index = H5Tget_member_index(stored.get(), member.name.c_str());
        check(index >= 0, "{}: no member '{}'", where, member.name);
        if (member.type.kind == Hdf5Type::text) {
            Hdf5TypeId const text(H5Tget_member_type(stored.get(), static_cast<unsigned>(index)));
            H5Tset_cset(type.get(), H5Tget_cset(text.get()));
        }
        return type;
    });
}

}  // namespace

Hdf5DatasetInfo info_of(hid_t dataset, std::string const& name) {
    Hdf5TypeId const type(H5Dget_type(dataset));
    Hdf5Space const space(H5Dget_space(dataset));
    Hdf5DatasetInfo info;
    info.name = name;
    info.shape = extent_of(space.get());
    info.type = element_type_of(type.get());
    info.type_name = type_name_of(type.get());
    info.members = members_of(type.get());
    info.is_text = H5Tget_class(type.get()) == H5T_STRING;
    if (info.is_text && H5Tis_variable_str(type.get()) <= 0)
        info.text_width = static_cast<std::int64_t>(H5Tget_size(type.get()));
    return info;
}

std::vector<Hdf5DatasetInfo> list_datasets(hid_t file) {
    Listing listing{file, {}};
    H5Lvisit(file, H5_INDEX_NAME, H5_ITER_INC, add_if_dataset, &listing);
    std::sort(listing.found.begin(), listing.found.end(),
              [](auto const& a, auto const& b) { return a.name < b.name; });
    return std::move(listing.found);
}

std::vector<std::string> read_strings(hid_t dataset, std::string const& where, std::int64_t first,
                                      std::int64_t count) {
    if (count == 0) return {};
    Hdf5TypeId const type(H5Dget_type(dataset));
    Hdf5Space const space = select_rows(dataset, first, count);
    return H5Tis_variable_str(type.get()) > 0
               ? read_variable(dataset, where, type.get(), space.get(), count)
               : read_fixed(dataset, where, type.get(), space.get(), count);
}

std::vector<std::string> read_member_strings(hid_t dataset, std::string const& where,
                                             std::string const& member, std::int64_t first,
                                             std::int64_t count) {
    if (count == 0) return {};
    Hdf5TypeId const compound(H5Dget_type(dataset));
    int const index = H5Tget_member_index(compound.get(), member.c_str());
    check(index >= 0, "{}: no member '{}'", where, member);
    // The file's own type of string: HDF5 does not turn one character set into another.
    Hdf5TypeId const text(H5Tget_member_type(compound.get(), static_cast<unsigned>(index)));
    Hdf5TypeId const record(H5Tcreate(H5T_COMPOUND, sizeof(char*)));
    check(H5Tinsert(record.get(), member.c_str(), 0, text.get()) >= 0,
          "{}: cannot read the member '{}'", where, member);
    Hdf5Space const space = select_rows(dataset, first, count);
    return read_variable(dataset, where, record.get(), space.get(), count);
}

void read_numbers(hid_t dataset, std::string const& where, std::int64_t first, std::int64_t count,
                  format::ElementType as, void* out) {
    if (count == 0) return;
    read_exactly(dataset, where, first, count, memory_type(as), format::to_string(as), out);
}

void read_members(hid_t dataset, std::string const& where, std::int64_t first, std::int64_t count,
                  std::span<Hdf5Member const> members, void* out) {
    if (count == 0) return;
    Hdf5TypeId const record = record_like(dataset, where, members);
    read_exactly(dataset, where, first, count, record.get(), "number of the wanted type", out);
}

}  // namespace partita::io
