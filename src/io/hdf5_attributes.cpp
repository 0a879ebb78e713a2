#include "io/hdf5_attributes.hpp"

#include "io/hdf5_types.hpp"

#include <algorithm>

namespace partita::io {

namespace {

Hdf5Attribute open_attribute(hid_t object, std::string const& name) {
    if (H5Aexists(object, name.c_str()) <= 0) return {};
    return Hdf5Attribute(H5Aopen(object, name.c_str(), H5P_DEFAULT));
}

std::int64_t element_count(hid_t attribute) {
    Hdf5Space const space(H5Aget_space(attribute));
    return H5Sget_simple_extent_npoints(space.get());
}

std::optional<std::string> variable_text(hid_t attribute, hid_t type) {
    char* text = nullptr;
    if (H5Aread(attribute, type, &text) < 0) return {};
    std::string value = text == nullptr ? "" : text;
    H5free_memory(text);
    return value;
}

std::optional<std::string> fixed_text(hid_t attribute, hid_t type) {
    std::string value(H5Tget_size(type), '\0');
    Hdf5TypeId const padded(H5Tcopy(type));
    H5Tset_strpad(padded.get(), H5T_STR_NULLPAD);
    if (H5Aread(attribute, padded.get(), value.data()) < 0) return {};
    value.resize(std::min(value.find('\0'), value.size()));
    return value;
}

std::string shown(hid_t object, std::string const& name) {
    Hdf5Attribute const attribute = open_attribute(object, name);
    if (!attribute) return "(unreadable)";
    if (auto const text = read_text_attribute(object, name)) return *text;
    Hdf5TypeId const type(H5Aget_type(attribute.get()));
    std::int64_t const count = element_count(attribute.get());
    std::int64_t whole = 0;
    if (count == 1 && H5Tget_class(type.get()) == H5T_INTEGER &&
        H5Aread(attribute.get(), H5T_NATIVE_INT64, &whole) >= 0)
        return std::to_string(whole);
    if (auto const number = read_number_attribute(object, name)) return fmt::format("{}", *number);
    return fmt::format("({} values of type {})", count, type_name_of(type.get()));
}

herr_t add_name(hid_t, char const* name, H5A_info_t const*, void* names) {
    static_cast<std::vector<std::string>*>(names)->emplace_back(name);
    return 0;
}

void write_scalar(hid_t object, std::string const& name, hid_t stored, hid_t given,
                  void const* value) {
    if (H5Aexists(object, name.c_str()) > 0) H5Adelete(object, name.c_str());
    Hdf5Space const scalar(H5Screate(H5S_SCALAR));
    Hdf5Attribute const attribute(
        H5Acreate2(object, name.c_str(), stored, scalar.get(), H5P_DEFAULT, H5P_DEFAULT));
    bool const written = attribute && H5Awrite(attribute.get(), given, value) >= 0;
    check_hdf5(written, "attribute '" + name + "'", "cannot write it");
}

}  // namespace

std::optional<std::string> read_text_attribute(hid_t object, std::string const& name) {
    Hdf5Attribute const attribute = open_attribute(object, name);
    if (!attribute || element_count(attribute.get()) != 1) return {};
    Hdf5TypeId const type(H5Aget_type(attribute.get()));
    if (H5Tget_class(type.get()) != H5T_STRING) return {};
    return H5Tis_variable_str(type.get()) > 0 ? variable_text(attribute.get(), type.get())
                                              : fixed_text(attribute.get(), type.get());
}

std::optional<double> read_number_attribute(hid_t object, std::string const& name) {
    Hdf5Attribute const attribute = open_attribute(object, name);
    if (!attribute || element_count(attribute.get()) != 1) return {};
    Hdf5TypeId const type(H5Aget_type(attribute.get()));
    double value = 0;
    if (!element_type_of(type.get()) || H5Aread(attribute.get(), H5T_NATIVE_DOUBLE, &value) < 0)
        return {};
    return value;
}

std::vector<std::pair<std::string, std::string>> list_attributes(hid_t object) {
    std::vector<std::string> names;
    hsize_t position = 0;
    H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, &position, add_name, &names);
    std::vector<std::pair<std::string, std::string>> all;
    for (std::string const& name : names) all.emplace_back(name, shown(object, name));
    return all;
}

void write_attribute(hid_t object, std::string const& name, std::string const& value) {
    Hdf5TypeId const type = variable_text_type();
    char const* const text = value.c_str();
    write_scalar(object, name, type.get(), type.get(), &text);
}

void write_attribute(hid_t object, std::string const& name, double value) {
    write_scalar(object, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &value);
}

void write_attribute(hid_t object, std::string const& name, std::int64_t value) {
    write_scalar(object, name, H5T_STD_I64LE, H5T_NATIVE_INT64, &value);
}

}  // namespace partita::io
