#include "partita/obs/events.hpp"

#include "partita/core/error.hpp"
#include "partita/obs/log.hpp"
#include "partita/obs/stopwatch.hpp"

#include <cerrno>
#include <cmath>
#include <fstream>

#include <nlohmann/json.hpp>

namespace partita::obs {
namespace {

using Json = nlohmann::ordered_json;

Stopwatch const since_start;

struct EventFile {
    std::string path;
    std::ofstream stream;
};
EventFile events;

/// JSON has no infinities and no NaN: they become the strings "inf", "-inf" and "nan".
Json to_json(double number) {
    if (std::isnan(number)) return "nan";
    if (std::isinf(number)) return number < 0 ? "-inf" : "inf";
    return number;
}

Json to_json(Value const& value) {
    return std::visit(
        [](auto const& held) -> Json {
            if constexpr (std::is_same_v<std::decay_t<decltype(held)>, double>)
                return to_json(held);
            else
                return held;
        },
        value);
}

}  // namespace

void open_events(std::string const& path) {
    events = EventFile{};
    if (path.empty()) return;
    errno = 0;
    events.stream.open(path, std::ios::trunc | std::ios::binary);
    int const error = errno;
    check(events.stream.is_open(), "{}: cannot write events: {}", path, errno_text(error));
    events.path = path;
}

void emit(std::string_view name, std::initializer_list<Field> fields) {
    if (!events.stream.is_open()) return;
    Json event{{"event", name}, {"seconds", since_start.seconds()}};
    for (auto const& [key, value] : fields) event[std::string(key)] = to_json(value);
    // Names of files may hold any bytes; JSON holds UTF-8.
    events.stream << event.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n'
                  << std::flush;
    if (events.stream) return;
    warn("{}: cannot write any more events", events.path);  // the work itself goes on
    events = EventFile{};
}

}  // namespace partita::obs
