#pragma once

#include "partita/core/error.hpp"

#include <cstdint>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <hdf5.h>

namespace partita::io {

/// Held during every call of HDF5, which is not thread-safe as a whole: two readers in two threads
/// must not meet in it either. Recursive, so that handles can close themselves in locked code.
///
/// The first caller also silences HDF5's habit of printing its error stack.
class Hdf5Lock {
  public:
    Hdf5Lock();

  private:
    std::unique_lock<std::recursive_mutex> lock_;
};

/// An HDF5 identifier that closes itself.
template <herr_t (*close_id)(hid_t)>
class Hdf5Handle {
  public:
    Hdf5Handle() = default;
    explicit Hdf5Handle(hid_t id) : id_(id) {}
    ~Hdf5Handle() { reset(); }
    Hdf5Handle(Hdf5Handle&& other) noexcept : id_(std::exchange(other.id_, -1)) {}
    Hdf5Handle& operator=(Hdf5Handle&& other) noexcept {
        std::swap(id_, other.id_);
        return *this;
    }

    explicit operator bool() const { return id_ >= 0; }
    hid_t get() const { return id_; }
    /// Whether HDF5 closed it without an error.
    bool reset() {
        if (id_ < 0) return true;
        Hdf5Lock const lock;
        return close_id(std::exchange(id_, -1)) >= 0;
    }

  private:
    hid_t id_ = -1;
};

using Hdf5File = Hdf5Handle<H5Fclose>;
using Hdf5Object = Hdf5Handle<H5Oclose>;
using Hdf5Dataset = Hdf5Handle<H5Dclose>;
using Hdf5Space = Hdf5Handle<H5Sclose>;
using Hdf5TypeId = Hdf5Handle<H5Tclose>;
using Hdf5Attribute = Hdf5Handle<H5Aclose>;
using Hdf5Properties = Hdf5Handle<H5Pclose>;

/// What HDF5's error stack says went wrong at the bottom of it, for the end of a sentence. Any
/// other call, also a handle's own close, empties the stack: ask at once.
std::string hdf5_reason();

/// @throws Error "where: what failed (HDF5's reason)" unless `ok`.
void check_hdf5(bool ok, std::string const& where, char const* what);

/// Files are opened by this process alone, without file locks: many ranks read the same file, and
/// network file systems often refuse to lock. (HDF5_USE_FILE_LOCKING in the environment wins.)
Hdf5Properties hdf5_file_access();

/// "/a/b" for "a/b".
inline std::string absolute_name(std::string const& name) {
    return name.starts_with('/') ? name : "/" + name;
}

/// The extent of a data space; empty for a scalar.
std::vector<std::int64_t> extent_of(hid_t space);

}  // namespace partita::io
