#include "io/partial_manifest.hpp"

#include "partita/core/error.hpp"
#include "partita/core/file.hpp"

#include <nlohmann/json.hpp>

namespace partita::io {

namespace {

constexpr int manifest_version = 1;

/// "k = 10", "no k".
std::string said(Facts const& facts, std::string const& name) {
    auto const found = facts.find(name);
    return found == facts.end() ? "no " + name : name + " = " + found->second;
}

}  // namespace

std::string to_text(Manifest const& manifest) {
    nlohmann::json json;
    json["version"] = manifest_version;
    json["job"] = manifest.job;
    json["facts"] = manifest.facts;
    json["bytes"] = manifest.bytes;
    json["done"] = manifest.done;
    // File names may be in any encoding.
    return json.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

Manifest manifest_from_text(std::string const& text) {
    nlohmann::json const json = nlohmann::json::parse(text);
    check(json.at("version") == manifest_version, "expected version {}, got {}", manifest_version,
          json.at("version").dump());
    Manifest manifest;
    json.at("job").get_to(manifest.job);
    json.at("facts").get_to(manifest.facts);
    json.at("bytes").get_to(manifest.bytes);
    json.at("done").get_to(manifest.done);
    return manifest;
}

Manifest read_manifest(std::string const& file) {
    std::string const text = read_text_file(file);
    try {
        return manifest_from_text(text);
    } catch (std::exception const& error) {
        fail("{}: no record of an unfinished job: {}", file, error.what());
    }
}

void check_same_job(std::string const& path, Facts const& unfinished, Facts const& job) {
    Facts all = unfinished;
    all.insert(job.begin(), job.end());
    for (auto const& [name, value] : all)
        check(said(unfinished, name) == said(job, name),
              "{}: --resume: expected the settings of the unfinished job, which had {}, got {}",
              path, said(unfinished, name), said(job, name));
}

}  // namespace partita::io
