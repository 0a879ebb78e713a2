#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace partita::obs {

/// A field of an event.
using Value = std::variant<bool, std::int64_t, double, std::string>;
using Field = std::pair<std::string_view, Value>;

/// Send all later events of this process to `path`, one JSON object a line; "" turns them off.
///
/// Only rank 0 opens a file; other ranks' events are dropped. Each event carries "event" (its
/// name), "seconds" since the process began, and its fields. Lines are written at once, so that a
/// killed job leaves all events up to then.
/// @throws Error when the file cannot be created.
void open_events(std::string const& path);

/// Emit one event. Cheap when events are off. May be called from the main thread only.
void emit(std::string_view name, std::initializer_list<Field> fields);

}  // namespace partita::obs
