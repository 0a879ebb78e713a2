#include "partita/io/id_file.hpp"

#include "io/sinks.hpp"

#include "partita/comm/collectively.hpp"

#include <fmt/format.h>

namespace partita::io {

namespace {

std::int64_t bytes_per_id(IdShape const& shape) {
    return shape.kind == IdKind::text ? shape.width : 8;
}

/// NumPy's format 1.0: magic, version, the text's length, and a Python literal padded to 64 bytes.
std::string npy_header(IdShape const& shape, std::int64_t rows) {
    std::string const type =
        shape.kind == IdKind::text ? fmt::format("|S{}", shape.width) : std::string("<i8");
    std::string text =
        fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({},), }}", type, rows);
    constexpr std::size_t before_text = 10, line = 64;
    text.append(line - 1 - (before_text + text.size()) % line, ' ');
    text += '\n';
    std::string header("\x93NUMPY\x01\x00", 8);
    header += static_cast<char>(text.size() & 0xff);
    header += static_cast<char>(text.size() >> 8);
    return header + text;
}

}  // namespace

IdFile::IdFile(Communicator const& comm, std::string const& path, std::int64_t rows,
               IdShape const& shape, bool overwrite)
    : shape_(shape),
      header_(npy_header(shape, rows)),
      file_(comm, path, static_cast<std::int64_t>(header_.size()) + rows * bytes_per_id(shape),
            overwrite) {
    collectively(comm, "", [&] {
        if (comm.is_root())
            file_.write_at(0, header_.data(), static_cast<std::int64_t>(header_.size()));
    });
}

void IdFile::write(std::int64_t first, std::int64_t count, IdBlock const& ids) const {
    std::int64_t const width = bytes_per_id(shape_);
    file_.write_at(static_cast<std::int64_t>(header_.size()) + first * width,
                   id_bytes(shape_, ids, first, count), count * width);
}

}  // namespace partita::io
