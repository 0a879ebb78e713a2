#include "info/description.hpp"

#include <nlohmann/json.hpp>

namespace partita::info {
namespace {

using Json = nlohmann::ordered_json;

char const* kind_name(io::IdKind kind) {
    switch (kind) {
        case io::IdKind::int64:
            return "int64";
        case io::IdKind::text:
            return "text";
        default:
            return "row numbers";
    }
}

Json vectors_json(io::VectorSummary const& vectors) {
    return {{"spec", vectors.spec},
            {"rows", vectors.shape.rows},
            {"dim", vectors.shape.dim},
            {"type", to_string(vectors.shape.type)},
            {"ids", kind_name(vectors.ids)},
            {"first_id", vectors.first_id},
            {"last_id", vectors.last_id},
            {"metric", vectors.metric ? Json(*vectors.metric) : Json()},
            {"sampled_rows", vectors.sampled_rows},
            {"smallest_norm", vectors.smallest_norm},
            {"mean_norm", vectors.mean_norm},
            {"largest_norm", vectors.largest_norm},
            {"rows_with_nan", vectors.rows_with_nan}};
}

}  // namespace

std::string as_json(io::FileDescription const& file) {
    Json datasets = Json::array(), attributes = Json::object();
    for (auto const& dataset : file.datasets)
        datasets.push_back(
            {{"name", dataset.name}, {"shape", dataset.shape}, {"type", dataset.type_name}});
    for (auto const& [name, value] : file.attributes) attributes[name] = value;
    Json const json{{"path", file.path},
                    {"kind", file.kind},
                    {"bytes", file.bytes},
                    {"vectors", file.vectors ? vectors_json(*file.vectors) : Json()},
                    {"datasets", datasets},
                    {"attributes", attributes},
                    {"note", file.note.empty() ? Json() : Json(file.note)}};
    // Ids and names may hold any bytes; JSON holds UTF-8.
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace partita::info
