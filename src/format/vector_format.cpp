#include "format/vector_format.hpp"

#include "format/open_formats.hpp"

#include "partita/core/error.hpp"

#include <cctype>
#include <string_view>

namespace partita::format {
namespace {

struct KnownSuffix {
    std::string_view suffix;
    VectorFormat format;
};

constexpr KnownSuffix known_suffixes[] = {
    {".npy", {Layout::npy, ElementType::float32}},
    {".fvecs", {Layout::vecs, ElementType::float32}},
    {".bvecs", {Layout::vecs, ElementType::uint8}},
    {".ivecs", {Layout::vecs, ElementType::int32}},
    {".fbin", {Layout::bin, ElementType::float32}},
    {".u8bin", {Layout::bin, ElementType::uint8}},
    {".ibin", {Layout::bin, ElementType::int32}},
    {".idx", {Layout::idx, ElementType::uint8}},
};

/// "train-images-idx3-ubyte", "t10k-images.idx3-ubyte"
bool is_mnist_name(std::string_view name) {
    auto const place = name.rfind("idx");
    return place != name.npos && place + 3 < name.size() &&
           std::isdigit(static_cast<unsigned char>(name[place + 3]));
}

}  // namespace

VectorFormat format_of_name(std::string const& path) {
    std::string name = path.substr(path.rfind('/') + 1);
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    for (auto const& known : known_suffixes)
        if (name.ends_with(known.suffix)) return known.format;
    return {is_mnist_name(name) ? Layout::idx : Layout::unknown, ElementType::uint8};
}

std::unique_ptr<VectorReader> open_vector_file(std::string const& path) {
    VectorFormat const format = format_of_name(path);
    switch (format.layout) {
        case Layout::npy:
            return open_npy(path);
        case Layout::vecs:
            return open_vecs(path, format.type);
        case Layout::bin:
            return open_bin(path, format.type);
        case Layout::idx:
            return open_idx(path);
        case Layout::unknown:
            break;
    }
    check(has_idx_magic(path), "{}: unknown vector format; the known ones are {}", path,
          known_formats);
    return open_idx(path);
}

}  // namespace partita::format
