#include "format/byte_order.hpp"
#include "format/open_formats.hpp"
#include "format/shape_check.hpp"

#include "partita/core/buffer.hpp"
#include "partita/core/error.hpp"
#include "partita/core/file.hpp"

namespace partita::format {
namespace {

constexpr std::int64_t header_bytes = 8;  // rows and dimension, two uint32

VectorShape bin_shape(File const& file, ElementType type) {
    std::byte start[header_bytes];
    std::int64_t const bytes = file.size();
    check(bytes >= header_bytes, "{}: expected at least {} bytes, got {}", file.path(),
          header_bytes, bytes);
    file.read_at(0, start, header_bytes);
    VectorShape const shape{load_little<std::uint32_t>(start),
                            load_little<std::uint32_t>(start + 4), type};
    check_not_empty(file.path(), shape);
    std::int64_t const promised = saturated_product(saturated_product(shape.rows, shape.dim),
                                                    static_cast<std::int64_t>(size_of(type)));
    check(promised == bytes - header_bytes,
          "{}: expected {} bytes of data for {} rows of dimension {}, got {}", file.path(),
          promised, shape.rows, shape.dim, bytes - header_bytes);
    return shape;
}

class BinReader final : public VectorReader {
  public:
    BinReader(File file, VectorShape const& shape)
        : VectorReader(file.path(), shape), file_(std::move(file)) {}

  private:
    void do_read(std::int64_t first, std::int64_t last, void* out) const override {
        std::int64_t const row_bytes =
            shape().dim * static_cast<std::int64_t>(size_of(shape().type));
        file_.read_at(header_bytes + first * row_bytes, out, (last - first) * row_bytes);
    }

    File file_;
};

}  // namespace

std::unique_ptr<VectorReader> open_bin(std::string const& path, ElementType type) {
    File file = File::open_read(path);
    VectorShape const shape = bin_shape(file, type);
    return std::make_unique<BinReader>(std::move(file), shape);
}

}  // namespace partita::format
