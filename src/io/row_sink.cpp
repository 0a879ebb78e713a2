#include "io/sinks.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/buffer.hpp"
#include "partita/core/error.hpp"
#include "partita/format/vector_encoder.hpp"
#include "partita/io/id_file.hpp"
#include "partita/io/shared_file.hpp"

#include <algorithm>
#include <optional>

namespace partita::io {

namespace {

using format::ElementType;

constexpr std::int64_t encoded_block_bytes = 4 << 20;

class RowSink final : public FixedRowsSink {
  public:
    RowSink(Communicator const& comm, std::string const& path, format::VectorShape const& shape,
            IdShape const& ids, bool overwrite)
        : FixedRowsSink(comm, ids),
          shape_(shape),
          encoder_(collectively(comm, "", [&] { return format::encoder_for(path, shape); })),
          stored_type_(format::stored_type(path, shape.type)),
          file_(comm, path, encoder_->offset_of(shape.rows), overwrite) {
        if (has_ids()) id_file_.emplace(comm, path + ".ids.npy", shape.rows, ids, overwrite);
        collectively(comm, "", [&] {
            auto const header = encoder_->header();
            if (comm.is_root())
                file_.write_at(0, header.data(), static_cast<std::int64_t>(header.size()));
        });
    }

    ElementType stored_type() const override { return stored_type_; }
    std::string ids_path() const override { return id_file_ ? id_file_->path() : ""; }

    void write_rows(std::int64_t first, std::int64_t count, void const* rows,
                    IdBlock const& ids) const override {
        check(0 <= first && 0 <= count && count <= shape_.rows - first,
              "{}: expected rows within [0, {}), got [{}, {})", file_.path(), shape_.rows, first,
              first + count);
        std::int64_t const block =
            std::clamp<std::int64_t>(encoded_block_bytes / encoder_->row_bytes(), 1, shape_.rows);
        Buffer<std::byte> encoded(std::min(block, count) * encoder_->row_bytes());
        for (std::int64_t begin = 0; begin < count; begin += block)
            write_block(first + begin, std::min(block, count - begin),
                        static_cast<std::byte const*>(rows) + begin * given_row_bytes(), encoded);
        if (id_file_ && count > 0) id_file_->write(first, count, ids);
    }

    void commit() override {
        if (id_file_) id_file_->commit();
        file_.commit();
    }

  private:
    void write_block(std::int64_t first, std::int64_t count, std::byte const* rows,
                     Buffer<std::byte>& encoded) const {
        encoder_->encode(rows, count, encoded.data());
        file_.write_at(encoder_->offset_of(first), encoded.data(), count * encoder_->row_bytes());
    }

    std::int64_t given_row_bytes() const {
        return shape_.dim * static_cast<std::int64_t>(format::size_of(shape_.type));
    }

    format::VectorShape shape_;
    std::unique_ptr<format::VectorEncoder> encoder_;
    ElementType stored_type_;
    SharedFile file_;
    std::optional<IdFile> id_file_;
};

}  // namespace

std::unique_ptr<VectorSink> make_row_sink(Communicator const& comm, std::string const& path,
                                          format::VectorShape const& shape, IdShape const& ids,
                                          bool overwrite) {
    return std::make_unique<RowSink>(comm, path, shape, ids, overwrite);
}

}  // namespace partita::io
