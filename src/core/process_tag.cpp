#include "core/cgroup.hpp"

#include "partita/core/error.hpp"
#include "partita/core/scratch.hpp"

#include <cerrno>
#include <charconv>
#include <optional>
#include <signal.h>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

namespace partita {
namespace {

/// The host's name, and the process namespace when this is not the host's own: containers may
/// share a name and a folder, and each knows only its own processes.
std::string host_name() {
    char name[256] = {};
    ::gethostname(name, sizeof name - 1);
    constexpr ino_t initial_namespace = 0xeffffffc;
    struct stat status {};
    if (::stat("/proc/self/ns/pid", &status) != 0 || status.st_ino == initial_namespace)
        return name;
    return fmt::format("{}+{}", name, status.st_ino);
}

struct ProcessStat {
    char state = '?';
    std::uint64_t start_ticks = 0;  ///< Since boot: tells processes with the same id apart.
};

/// Fields 3 and 22 of /proc/PID/stat; the name in field 2 may hold spaces and parentheses.
std::optional<ProcessStat> process_stat(long pid) {
    auto const text = detail::read_system_file(fmt::format("/proc/{}/stat", pid));
    if (!text || text->rfind(')') == std::string::npos) return std::nullopt;
    std::istringstream fields(text->substr(text->rfind(')') + 1));
    ProcessStat stat;
    fields >> stat.state;
    std::string skipped;
    for (int field = 4; field < 22; ++field) fields >> skipped;
    if (!(fields >> stat.start_ticks)) return std::nullopt;
    return stat;
}

/// Take "-NUMBER" off the end of `text`.
std::optional<std::uint64_t> take_last_number(std::string_view& text) {
    auto const dash = text.rfind('-');
    if (dash == std::string_view::npos) return std::nullopt;
    std::uint64_t number = 0;
    char const* const end = text.data() + text.size();
    auto const [rest, error] = std::from_chars(text.data() + dash + 1, end, number);
    if (error != std::errc() || rest != end) return std::nullopt;
    text = text.substr(0, dash);
    return number;
}

}  // namespace

std::string process_tag() { return process_tag(::getpid()); }

std::string process_tag(long pid) {
    auto const stat = process_stat(pid);
    return fmt::format("{}-{}-{}", host_name(), pid, stat ? stat->start_ticks : 0);
}

bool process_tag_alive(std::string const& tag) {
    std::string_view host = tag;
    auto const start_ticks = take_last_number(host);
    auto const pid = start_ticks ? take_last_number(host) : std::nullopt;
    if (!pid || *pid == 0 || *pid > 0x7fffffff || host != host_name()) return true;
    if (::kill(static_cast<pid_t>(*pid), 0) != 0 && errno == ESRCH) return false;
    // Systems may hide the processes of others: who cannot be looked at counts as alive.
    auto const stat = process_stat(static_cast<long>(*pid));
    return !stat || (stat->start_ticks == *start_ticks && stat->state != 'Z' && stat->state != 'X');
}

bool process_tag_is_local(std::string const& tag) {
    std::string_view host = tag;
    return take_last_number(host) && take_last_number(host) && host == host_name();
}

}  // namespace partita
