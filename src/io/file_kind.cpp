#include "io/file_kind.hpp"

#include "io/file_spec.hpp"

#include "partita/core/error.hpp"
#include "partita/core/file.hpp"
#include "partita/format/vector_encoder.hpp"
#include "partita/io/hdf5_reader.hpp"

#include <cstdint>
#include <cstring>
#include <string_view>

#include <nlohmann/json.hpp>

namespace partita::io {

namespace {

/// FAISS begins with four letters, the dimension and the number of vectors.
struct FaissStart {
    char letters[4];
    std::int32_t dim;
    std::int64_t rows;
};

bool read_faiss_start(std::string const& path, FaissStart& start) {
    File const file = File::open_read(path);
    if (file.read_some_at(0, &start, sizeof start) != sizeof start) return false;
    std::string_view const letters(start.letters, sizeof start.letters);
    bool const known =
        letters.starts_with("Ix") || letters.starts_with("Iw") || letters.starts_with("IH");
    return known && start.dim > 0 && start.rows >= 0;
}

bool has_fixed_rows_name(std::string const& path) {
    try {
        format::stored_type(path, format::ElementType::float32);
        return true;
    } catch (Error const&) {
        return false;
    }
}

/// idx begins with two zeros, an element type and the number of dimensions; it is often gzipped.
bool may_be_idx(std::string const& path) {
    unsigned char start[4] = {};
    File::open_read(path).read_some_at(0, start, sizeof start);
    bool const is_gzip = start[0] == 0x1f && start[1] == 0x8b;
    return is_gzip ||
           (start[0] == 0 && start[1] == 0 && start[2] >= 0x08 && start[2] <= 0x0e && start[3] > 0);
}

}  // namespace

FileKind file_kind(std::string const& path) {
    if (is_hdf5_file(path) || has_hdf5_name(path)) return FileKind::hdf5;
    if (has_csv_name(path)) return FileKind::csv;
    if (extension_of(path) == ".json") return FileKind::json;
    if (has_fixed_rows_name(path) || may_be_idx(path)) return FileKind::fixed_rows;
    FaissStart start;
    return read_faiss_start(path, start) ? FileKind::faiss_index : FileKind::unknown;
}

std::string kind_name(FileKind kind, std::string const& path) {
    switch (kind) {
        case FileKind::hdf5:
            return "HDF5";
        case FileKind::csv:
            return extension_of(path) == ".tsv" ? "TSV" : "CSV";
        case FileKind::json:
            return "JSON";
        case FileKind::faiss_index:
            return "FAISS index";
        case FileKind::unknown:
            return "unknown";
        case FileKind::fixed_rows:
            break;
    }
    std::string const extension = extension_of(path);
    for (char const* known : {".npy", ".fvecs", ".bvecs", ".ivecs", ".fbin", ".u8bin", ".ibin"})
        if (extension == known) return extension;
    return "idx";
}

NamedTexts json_fields(std::string const& path) {
    auto const json = nlohmann::ordered_json::parse(read_text_file(path), nullptr, false);
    check(!json.is_discarded(), "{}: damaged JSON", path);
    NamedTexts fields;
    if (!json.is_object()) return fields;
    for (auto const& [name, value] : json.items()) {
        if (value.is_structured()) continue;
        fields.emplace_back(name, value.is_string() ? value.get<std::string>() : value.dump());
    }
    return fields;
}

NamedTexts faiss_fields(std::string const& path) {
    FaissStart start{};
    check(read_faiss_start(path, start), "{}: damaged FAISS index", path);
    NamedTexts fields{{"faiss_type", std::string(start.letters, sizeof start.letters)},
                      {"vectors", std::to_string(start.rows)},
                      {"dimension", std::to_string(start.dim)}};
    std::string const sidecar = path + ".json";
    if (!file_exists(sidecar)) return fields;
    for (auto& field : json_fields(sidecar)) fields.push_back(std::move(field));
    return fields;
}

}  // namespace partita::io
