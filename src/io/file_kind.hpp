#pragma once

#include <string>
#include <utility>
#include <vector>

namespace partita::io {

enum class FileKind { hdf5, csv, json, faiss_index, fixed_rows, unknown };

/// What a file is, by its name and its first bytes.
/// @throws Error when it cannot be read.
FileKind file_kind(std::string const& path);

/// For people: "HDF5", "FAISS index", ".npy".
std::string kind_name(FileKind kind, std::string const& path);

using NamedTexts = std::vector<std::pair<std::string, std::string>>;

/// The top-level fields of a JSON object that are no list or object.
/// @throws Error "x.json: ..." when the text is not JSON.
NamedTexts json_fields(std::string const& path);

/// Rows and dimension of a FAISS index, and what its sidecar "x.json" beside "x" says, if any.
NamedTexts faiss_fields(std::string const& path);

}  // namespace partita::io
