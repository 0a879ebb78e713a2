#include "partita/knn/index_info.hpp"

#include "partita/core/error.hpp"

#include <nlohmann/json.hpp>

namespace partita::knn {

namespace {

constexpr int current_version = 1;
constexpr char const* format_name = "partita-knn-index";

nlohmann::json curve_to_json(IndexInfo const& info) {
    nlohmann::json points = nlohmann::json::array();
    for (OperatingPoint const& p : info.curve)
        points.push_back(
            {{"effort", p.effort}, {"recall", p.recall}, {"microseconds", p.microseconds}});
    return {{"k", info.curve_k}, {"points", points}};
}

void curve_from_json(nlohmann::json const& curve, IndexInfo& info) {
    info.curve_k = curve.at("k");
    for (nlohmann::json const& p : curve.at("points"))
        info.curve.push_back({p.at("effort"), p.at("recall"), p.at("microseconds")});
}

IndexInfo read_fields(nlohmann::json const& json) {
    IndexInfo info;
    info.type = json.at("type");
    info.metric = parse_metric(json.at("metric"));
    info.rows = json.at("rows");
    info.dim = json.at("dim");
    info.normalised = json.at("normalised");
    info.zero_vectors = json.value("zero_vectors", std::int64_t{0});
    info.lists = json.value("lists", std::int64_t{0});
    info.links = json.value("links", std::int64_t{0});
    info.codes = json.value("codes", std::string("fp32"));
    info.originals_file = json.value("originals_file", std::string());
    info.originals_hash = std::stoull(json.value("originals_hash", std::string("0")), nullptr, 16);
    info.coding_error = json.value("coding_error", 0.0);
    info.source = json.value("source", std::string());
    info.ids_file = json.value("ids_file", std::string());
    info.data_hash = std::stoull(json.at("data_hash").get<std::string>(), nullptr, 16);
    info.seed = json.value("seed", std::uint64_t{0});
    info.default_effort = json.value("default_effort", std::int64_t{0});
    if (json.contains("operating_curve")) curve_from_json(json.at("operating_curve"), info);
    return info;
}

}  // namespace

std::string sidecar_path(std::string const& index_path) { return index_path + ".json"; }

std::string to_json(IndexInfo const& info) {
    nlohmann::ordered_json json;
    json["format"] = format_name;
    json["version"] = current_version;
    json["type"] = info.type;
    json["metric"] = to_string(info.metric);
    json["rows"] = info.rows;
    json["dim"] = info.dim;
    json["normalised"] = info.normalised;
    json["zero_vectors"] = info.zero_vectors;
    if (info.lists > 0) json["lists"] = info.lists;
    if (info.links > 0) json["links"] = info.links;
    if (info.codes != "fp32") json["codes"] = info.codes;
    if (!info.originals_file.empty()) {
        json["originals_file"] = info.originals_file;
        json["originals_hash"] = fmt::format("{:016x}", info.originals_hash);
        json["coding_error"] = info.coding_error;
    }
    json["source"] = info.source;
    json["ids_file"] = info.ids_file;
    // As text: JSON readers in other languages keep only 53 bits of a number.
    json["data_hash"] = fmt::format("{:016x}", info.data_hash);
    json["seed"] = info.seed;
    if (info.default_effort > 0) json["default_effort"] = info.default_effort;
    if (!info.curve.empty()) json["operating_curve"] = curve_to_json(info);
    return json.dump(2) + "\n";
}

IndexInfo index_info_from_json(std::string const& text, std::string const& where) {
    nlohmann::json json;
    try {
        json = nlohmann::json::parse(text);
    } catch (nlohmann::json::exception const&) {
        fail("{}: expected JSON, got something else", where);
    }
    check(json.is_object() && json.value("format", nlohmann::json()) == format_name,
          "{}: expected the description of an index (\"format\": \"{}\")", where, format_name);
    nlohmann::json const version = json.value("version", nlohmann::json());
    check(version.is_number_integer() && version >= 1, "{}: expected a version number", where);
    check(version <= current_version, "{}: version {} is newer than this program knows ({})", where,
          version.get<long>(), current_version);
    IndexInfo info;
    try {
        info = read_fields(json);
    } catch (std::exception const& e) {
        fail("{}: a field is missing or of the wrong kind: {}", where, e.what());
    }
    check(info.rows > 0 && info.dim > 0, "{}: expected positive rows and dim, got {} and {}", where,
          info.rows, info.dim);
    return info;
}

}  // namespace partita::knn
