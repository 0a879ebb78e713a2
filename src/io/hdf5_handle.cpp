#include "io/hdf5_handle.hpp"

namespace partita::io {

namespace {

std::recursive_mutex& library_mutex() {
    static std::recursive_mutex mutex;
    return mutex;
}

herr_t keep_description(unsigned, H5E_error2_t const* entry, void* text) {
    if (entry->desc != nullptr) *static_cast<std::string*>(text) = entry->desc;
    return 0;
}

/// "file write failed: time = ..., error message = 'No space left on device', buf = ..." says it
/// best inside the quotes.
std::string essence_of(std::string const& description) {
    std::string const marker = "error message = '";
    auto const begin = description.find(marker);
    if (begin == std::string::npos) return description;
    auto const end = description.find('\'', begin + marker.size());
    return description.substr(begin + marker.size(), end - begin - marker.size());
}

}  // namespace

Hdf5Lock::Hdf5Lock() : lock_(library_mutex()) {
    static bool const silenced = H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr) >= 0;
    static_cast<void>(silenced);
}

std::string hdf5_reason() {
    std::string innermost;  // walking downward ends there
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, keep_description, &innermost);
    return essence_of(innermost);
}

void check_hdf5(bool ok, std::string const& where, char const* what) {
    if (ok) [[likely]]
        return;
    std::string const reason = hdf5_reason();
    fail("{}: {}{}", where, what, reason.empty() ? "" : " (" + reason + ")");
}

Hdf5Properties hdf5_file_access() {
    Hdf5Properties access(H5Pcreate(H5P_FILE_ACCESS));
    H5Pset_fapl_sec2(access.get());
    H5Pset_file_locking(access.get(), false, true);
    return access;
}

std::vector<std::int64_t> extent_of(hid_t space) {
    int const dimensions = H5Sget_simple_extent_ndims(space);
    if (dimensions <= 0) return {};
    std::vector<hsize_t> extent(static_cast<std::size_t>(dimensions));
    H5Sget_simple_extent_dims(space, extent.data(), nullptr);
    return {extent.begin(), extent.end()};
}

}  // namespace partita::io
