#include "io/hdf5_types.hpp"

#include <string_view>

namespace partita::io {

using format::ElementType;

namespace {

std::optional<ElementType> integer_type(std::size_t bytes, bool is_signed) {
    if (bytes == 1 && !is_signed) return ElementType::uint8;
    if (bytes < 4 || (bytes == 4 && is_signed)) return ElementType::int32;
    if (bytes <= 8) return ElementType::int64;
    return {};
}

/// As h5py writes bool: an enum of FALSE and TRUE.
bool is_boolean(hid_t type) {
    if (H5Tget_nmembers(type) != 2) return false;
    for (unsigned i = 0; i < 2; ++i) {
        char* const name = H5Tget_member_name(type, i);
        bool const known =
            name && (std::string_view(name) == "FALSE" || std::string_view(name) == "TRUE");
        H5free_memory(name);
        if (!known) return false;
    }
    return true;
}

}  // namespace

std::optional<ElementType> element_type_of(hid_t type) {
    std::size_t const bytes = H5Tget_size(type);
    switch (H5Tget_class(type)) {
        case H5T_INTEGER:
            return integer_type(bytes, H5Tget_sign(type) == H5T_SGN_2);
        case H5T_FLOAT:
            if (bytes <= 4) return ElementType::float32;
            if (bytes == 8) return ElementType::float64;
            return {};
        case H5T_ENUM:
            if (is_boolean(type)) return ElementType::uint8;
            return {};
        default:
            return {};
    }
}

std::string type_name_of(hid_t type) {
    std::size_t const bits = 8 * H5Tget_size(type);
    switch (H5Tget_class(type)) {
        case H5T_INTEGER:
            return fmt::format("{}int{}", H5Tget_sign(type) == H5T_SGN_2 ? "" : "u", bits);
        case H5T_FLOAT:
            return fmt::format("float{}", bits);
        case H5T_STRING:
            return "string";
        case H5T_COMPOUND:
            return "compound";
        case H5T_ENUM:
            return is_boolean(type) ? "bool" : "enum";
        case H5T_REFERENCE:
            return "reference";
        case H5T_VLEN:
            return "list";
        case H5T_ARRAY:
            return "array";
        case H5T_OPAQUE:
            return "opaque";
        case H5T_BITFIELD:
            return "bitfield";
        default:
            return "unknown";
    }
}

hid_t memory_type(ElementType type) {
    switch (type) {
        case ElementType::float32:
            return H5T_NATIVE_FLOAT;
        case ElementType::float64:
            return H5T_NATIVE_DOUBLE;
        case ElementType::uint8:
            return H5T_NATIVE_UINT8;
        case ElementType::int32:
            return H5T_NATIVE_INT32;
        case ElementType::int64:
            return H5T_NATIVE_INT64;
    }
    return H5I_INVALID_HID;
}

Hdf5TypeId file_type(Hdf5Type const& type) {
    switch (type.kind) {
        case Hdf5Type::float32:
            return Hdf5TypeId(H5Tcopy(H5T_IEEE_F32LE));
        case Hdf5Type::float64:
            return Hdf5TypeId(H5Tcopy(H5T_IEEE_F64LE));
        case Hdf5Type::bits8:
            return Hdf5TypeId(H5Tcopy(H5T_STD_B8LE));
        case Hdf5Type::uint8:
            return Hdf5TypeId(H5Tcopy(H5T_STD_U8LE));
        case Hdf5Type::int32:
            return Hdf5TypeId(H5Tcopy(H5T_STD_I32LE));
        case Hdf5Type::int64:
            return Hdf5TypeId(H5Tcopy(H5T_STD_I64LE));
        case Hdf5Type::vector: {
            auto const numbers = static_cast<hsize_t>(type.width);
            return Hdf5TypeId(H5Tarray_create2(H5T_IEEE_F32LE, 1, &numbers));
        }
        case Hdf5Type::text:
            break;
    }
    Hdf5TypeId text(H5Tcopy(H5T_C_S1));
    H5Tset_size(text.get(), static_cast<std::size_t>(type.width));
    H5Tset_strpad(text.get(), H5T_STR_NULLPAD);
    H5Tset_cset(text.get(), H5T_CSET_UTF8);
    return text;
}

Hdf5TypeId record_of(std::span<Hdf5Member const> members, std::string_view problem,
                     std::function<Hdf5TypeId(Hdf5Member const&)> const& type_of) {
    std::size_t bytes = 0;
    for (Hdf5Member const& member : members) bytes += static_cast<std::size_t>(member.type.bytes());
    Hdf5TypeId record(H5Tcreate(H5T_COMPOUND, bytes));
    std::size_t offset = 0;
    for (Hdf5Member const& member : members) {
        Hdf5TypeId const type = type_of(member);
        check(H5Tinsert(record.get(), member.name.c_str(), offset, type.get()) >= 0, "{} '{}'",
              problem, member.name);
        offset += static_cast<std::size_t>(member.type.bytes());
    }
    return record;
}

Hdf5TypeId record_type(std::span<Hdf5Member const> members) {
    return record_of(members, "cannot make a compound with the member",
                     [](Hdf5Member const& member) { return file_type(member.type); });
}

Hdf5TypeId variable_text_type() {
    Hdf5TypeId text(H5Tcopy(H5T_C_S1));
    H5Tset_size(text.get(), H5T_VARIABLE);
    H5Tset_cset(text.get(), H5T_CSET_UTF8);
    return text;
}

}  // namespace partita::io
