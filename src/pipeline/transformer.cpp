#include "partita/pipeline/transformer.hpp"

#include "pipeline/stages/json.hpp"
#include "pipeline/stages/readers.hpp"

#include "partita/core/suggest.hpp"

#include <algorithm>

namespace partita::pipeline {

namespace {

bool contains(std::vector<std::string> const& names, std::string const& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

frame::Schema Transformer::output_schema(frame::Schema const& input) const {
    input.indices_of(inputs());  // refuses what is missing
    std::vector<frame::Field> fields(input.fields().begin(), input.fields().end());
    for (frame::Field const& field : outputs()) {
        auto const at = input.find(field.name);
        if (at)
            fields[static_cast<std::size_t>(*at)] = field;
        else
            fields.push_back(field);
    }
    return frame::Schema(std::move(fields));
}

std::shared_ptr<Transformer const> read_transformer(std::string const& kind,
                                                    std::string const& text) {
    using Reader = std::shared_ptr<Transformer const> (*)(json const&);
    static std::vector<std::pair<std::string, Reader>> const readers{
        {"scale", read_scaling},    {"normalize", read_normalizing}, {"fill", read_filling},
        {"index", read_indexing},   {"one-hot", read_one_hot},       {"expand", read_expansion},
        {"bucket", read_bucketing}, {"pca", read_projection}};
    json const object = json::parse(text, nullptr, false);
    check(object.is_object(), "expected the parameters of a stage as a JSON object");
    std::vector<std::string> kinds;
    for (auto const& [name, read] : readers) {
        kinds.push_back(name);
        if (name != kind) continue;
        try {
            return read(object);
        } catch (json::exception const& e) {
            fail("a parameter of the stage '{}' is damaged: {}", kind, e.what());
        }
    }
    fail("expected a stage of a kind that this version knows ({}), got '{}'", one_of(kinds), kind);
}

frame::Table transform(frame::Table const& table, Transformers const& stages) {
    frame::Schema schema = table.schema();
    if (stages.empty()) return table;
    for (auto const& stage : stages) schema = stage->output_schema(schema);
    return table.map_batches(
        schema,
        [stages](frame::Block const& block) {
            frame::Block result = block;
            for (auto const& stage : stages) result = stage->transform(result);
            return result;
        },
        "transform");
}

std::vector<std::string> columns_needed(Transformers const& stages,
                                        std::vector<std::string> wanted) {
    for (auto stage = stages.rbegin(); stage != stages.rend(); ++stage) {
        std::vector<std::string> const inputs = (*stage)->inputs();
        for (frame::Field const& made : (*stage)->outputs())
            if (!contains(inputs, made.name)) std::erase(wanted, made.name);
        for (std::string const& name : inputs)
            if (!contains(wanted, name)) wanted.push_back(name);
    }
    return wanted;
}

}  // namespace partita::pipeline
