#include "format/byte_order.hpp"
#include "format/byte_source.hpp"
#include "format/idx_header.hpp"
#include "format/open_formats.hpp"
#include "format/shape_check.hpp"

#include "partita/core/buffer.hpp"
#include "partita/core/error.hpp"
#include "partita/format/idx_labels.hpp"

namespace partita::format {
namespace {

/// The first extent counts the rows; all others together are the dimension.
VectorShape idx_shape(std::string const& path, IdxHeader const& header) {
    check(header.shape.size() >= 2, "{}: expected at least 2 dimensions, got {}", path,
          header.shape.size());
    VectorShape shape{header.shape[0], 1, header.type};
    for (std::size_t i = 1; i < header.shape.size(); ++i)
        shape.dim = saturated_product(shape.dim, header.shape[i]);
    check_not_empty(path, shape);
    return shape;
}

class IdxReader final : public VectorReader {
  public:
    IdxReader(std::string const& path, std::unique_ptr<ByteSource> source, IdxHeader const& header)
        : VectorReader(path, idx_shape(path, header)),
          source_(std::move(source)),
          data_offset_(header.bytes()) {}

  private:
    void do_read(std::int64_t first, std::int64_t last, void* out) const override {
        auto const element_bytes = static_cast<std::int64_t>(size_of(shape().type));
        std::int64_t const row_bytes = shape().dim * element_bytes;
        source_->read_at(data_offset_ + first * row_bytes, out, (last - first) * row_bytes);
        swap_elements(out, (last - first) * shape().dim, size_of(shape().type));
    }

    std::unique_ptr<ByteSource> source_;
    std::int64_t data_offset_;
};

}  // namespace

std::unique_ptr<VectorReader> open_idx(std::string const& path) {
    auto source = open_byte_source(path);
    IdxHeader const header = read_idx_header(path, *source);
    return std::make_unique<IdxReader>(path, std::move(source), header);
}

std::vector<std::int64_t> read_idx_labels(std::string const& path) {
    auto const source = open_byte_source(path);
    IdxHeader const header = read_idx_header(path, *source);
    check(header.shape.size() == 1, "{}: expected labels in 1 dimension, got {} dimensions", path,
          header.shape.size());
    check(header.type == ElementType::uint8 || header.type == ElementType::int32,
          "{}: expected labels of type uint8 or int32, got {}", path, to_string(header.type));
    std::int64_t const count = header.elements();
    check(count > 0, "{}: expected at least one label, got 0", path);
    Buffer<std::byte> stored(count * static_cast<std::int64_t>(size_of(header.type)));
    source->read_at(header.bytes(), stored.data(), stored.size());
    swap_elements(stored.data(), count, size_of(header.type));
    std::vector<std::int64_t> labels(static_cast<std::size_t>(count));
    convert_elements(header.type, stored.data(), ElementType::int64, labels.data(), count);
    return labels;
}

}  // namespace partita::format
