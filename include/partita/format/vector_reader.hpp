#pragma once

#include "partita/format/element_type.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace partita::format {

/// n vectors of dimension d.
struct VectorShape {
    std::int64_t rows = 0;
    std::int64_t dim = 0;
    ElementType type = ElementType::float32;  ///< As stored in the file.
};

/// Rows of one vector file, read by position.
///
/// Opening checks everything that can be known without reading the whole file: magic, shape,
/// 0 < d, 0 < n, sizes that do not overflow and match the file's length. Reading is const and may
/// be done from several threads.
class VectorReader {
  public:
    virtual ~VectorReader() = default;

    std::string const& path() const { return path_; }
    VectorShape const& shape() const { return shape_; }

    /// Rows [first, last) as they are stored (native byte order), (last - first) * dim elements.
    void read_native(std::int64_t first, std::int64_t last, void* out) const;

    /// Rows [first, last) as float32 (other types rounded to it).
    /// @throws Error naming file, row and column (from 0) of the first value that is NaN, infinite
    ///         or too large for float32, unless `allow_nan`.
    void read(std::int64_t first, std::int64_t last, float* out, bool allow_nan = false) const;

  protected:
    VectorReader(std::string path, VectorShape shape) : path_(std::move(path)), shape_(shape) {}

  private:
    /// Rows [first, last), 0 <= first <= last <= rows, in native byte order.
    virtual void do_read(std::int64_t first, std::int64_t last, void* out) const = 0;
    /// How errors name an element: "row 3, column 2" unless the format has better names.
    virtual std::string place_of(std::int64_t row, std::int64_t column) const;

    void check_range(std::int64_t first, std::int64_t last) const;
    void check_finite(std::int64_t first, std::int64_t last, float const* values) const;

    std::string path_;
    VectorShape shape_;
};

/// Open a file whose rows have a fixed size: .npy, .fvecs/.bvecs/.ivecs, .fbin/.u8bin/.ibin, idx
/// (also .gz). The format is known by the file's name, and for idx by its magic number.
/// @throws Error "x.foo: unknown vector format ..." that lists the known ones.
std::unique_ptr<VectorReader> open_vector_file(std::string const& path);

}  // namespace partita::format
