#include "info/description.hpp"

#include "partita/core/bytes.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace partita::info {
namespace {

std::string line(std::string const& label, std::string const& text) {
    return fmt::format("{:<10}  {}\n", label, text);
}

std::string shape_text(std::vector<std::int64_t> const& shape) {
    std::string text;
    for (auto const extent : shape) text += (text.empty() ? "" : " x ") + format_count(extent);
    return text.empty() ? "one value" : text;
}

/// "label" before the first of several aligned pairs, blanks before the others.
std::string pairs(std::string const& label,
                  std::vector<std::pair<std::string, std::string>> const& list) {
    std::size_t width = 0;
    for (auto const& [name, value] : list) width = std::max(width, name.size());
    std::string text;
    for (auto const& [name, value] : list)
        text += line(text.empty() ? label : "", fmt::format("{:<{}}  {}", name, width, value));
    return text;
}

std::string ids_text(io::VectorSummary const& vectors) {
    if (vectors.ids == io::IdKind::row_numbers) return "row numbers";
    return fmt::format("{}, {} to {}", vectors.ids == io::IdKind::int64 ? "whole numbers" : "text",
                       vectors.first_id, vectors.last_id);
}

std::string vectors_text(io::VectorSummary const& vectors) {
    auto const& shape = vectors.shape;
    std::string text = line("vectors", fmt::format("{} x {} {}", format_count(shape.rows),
                                                   shape.dim, to_string(shape.type)));
    text += line("ids", ids_text(vectors));
    if (vectors.metric) text += line("metric", *vectors.metric);
    std::string const rows = vectors.sampled_rows == shape.rows ? "all" : "a sample of";
    text += line("norms", fmt::format("{:.4g} to {:.4g}, mean {:.4g}, of {} {} rows",
                                      vectors.smallest_norm, vectors.largest_norm,
                                      vectors.mean_norm, rows, format_count(vectors.sampled_rows)));
    if (vectors.rows_with_nan > 0)
        text += line("warning", fmt::format("{} of these rows have NaN or infinite values",
                                            format_count(vectors.rows_with_nan)));
    return text;
}

}  // namespace

std::string as_text(io::FileDescription const& file) {
    std::string text = line("file", file.path) + line("kind", file.kind) +
                       line("size", format_bytes(static_cast<double>(file.bytes)));
    if (file.vectors) text += vectors_text(*file.vectors);
    std::vector<std::pair<std::string, std::string>> datasets;
    for (auto const& dataset : file.datasets)
        datasets.emplace_back(dataset.name, shape_text(dataset.shape) + " " + dataset.type_name);
    text += pairs("datasets", datasets) + pairs("attributes", file.attributes);
    return file.note.empty() ? text : text + line("note", file.note);
}

}  // namespace partita::info
