#include "cluster/hosts.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <netdb.h>
#include <optional>
#include <sstream>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

namespace partita::cluster {

namespace {

/// Longer than a connection takes, shorter than TCP would wait for a host that is gone.
constexpr int answer_seconds = 15;

template <std::size_t n>
bool is_one_of(std::string_view word, std::array<std::string_view, n> const& names) {
    return std::ranges::find(names, word) != names.end();
}

bool is_mpirun(std::string const& program) {
    constexpr std::array<std::string_view, 3> names{"mpirun", "mpiexec", "orterun"};
    return is_one_of(std::filesystem::path(program).filename().string(), names);
}

/// How many words belong to one of mpirun's options, itself included.
std::size_t words_of_option(std::string_view name) {
    constexpr std::array<std::string_view, 2> two{"mca", "gmca"};
    constexpr std::array<std::string_view, 31> one{"n",
                                                   "np",
                                                   "c",
                                                   "H",
                                                   "host",
                                                   "hostfile",
                                                   "default-hostfile",
                                                   "machinefile",
                                                   "N",
                                                   "npernode",
                                                   "npersocket",
                                                   "ppr",
                                                   "map-by",
                                                   "rank-by",
                                                   "bind-to",
                                                   "x",
                                                   "wdir",
                                                   "wd",
                                                   "path",
                                                   "prefix",
                                                   "am",
                                                   "tune",
                                                   "timeout",
                                                   "tmpdir",
                                                   "rf",
                                                   "rankfile",
                                                   "cpu-set",
                                                   "cpu-list",
                                                   "cpus-per-proc",
                                                   "cpus-per-rank",
                                                   "output-filename"};
    return is_one_of(name, two) ? 3 : is_one_of(name, one) ? 2 : 1;
}

std::optional<std::int64_t> number_from(std::string_view text) {
    std::int64_t number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    bool const all = error == std::errc() && end == text.data() + text.size();
    return all ? std::optional(number) : std::nullopt;
}

/// "h1:4,h2" as --host has it: one slot where none is said.
std::vector<Host> hosts_in_list(std::string const& list) {
    std::vector<Host> hosts;
    std::istringstream stream(list);
    for (std::string part; std::getline(stream, part, ',');) {
        auto const colon = std::min(part.find(':'), part.size());
        bool const says = colon + 1 < part.size();
        hosts.push_back({part.substr(0, colon), says ? part.substr(colon + 1) : "1"});
    }
    return hosts;
}

/// Lines such as "h1 slots=4 # the large one": the host's cores where no slots are said.
std::vector<Host> hosts_in_file(std::string const& path) {
    std::vector<Host> hosts;
    std::ifstream lines(path);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line.substr(0, line.find('#')));
        Host host{"", "*"};
        words >> host.name;
        for (std::string word; words >> word;)
            if (word.starts_with("slots=")) host.slots = word.substr(word.find('=') + 1);
        if (!host.name.empty()) hosts.push_back(host);
    }
    return hosts;
}

/// Whether a name is this machine's: an address of another's cannot be bound to.
bool is_here(std::string const& name) {
    std::array<char, 256> own{};
    if (::gethostname(own.data(), own.size() - 1) == 0 && name == own.data()) return true;
    addrinfo hints{};
    hints.ai_socktype = SOCK_DGRAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(name.c_str(), nullptr, &hints, &found) != 0) return false;
    std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> const addresses(found, &::freeaddrinfo);
    for (addrinfo const* one = found; one; one = one->ai_next) {
        int const end = ::socket(one->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        bool const bound = end >= 0 && ::bind(end, one->ai_addr, one->ai_addrlen) == 0;
        if (end >= 0) ::close(end);
        if (bound) return true;
    }
    return false;
}

/// The first of the agents that mpirun was told of: "ssh : rsh".
std::string agent_from(std::string const& setting) {
    std::string const agent = setting.substr(0, setting.find(':'));
    return agent.find_first_not_of(' ') == std::string::npos ? "ssh" : agent;
}

}  // namespace

MpirunHosts::MpirunHosts(Words command) : command_(std::move(command)) {
    char const* const agent = std::getenv("OMPI_MCA_plm_rsh_agent");
    agent_ = agent_from(agent ? agent : "");
    bool const several = std::ranges::find(command_, ":") != command_.end();
    if (is_mpirun(command_.front()) && !several) read_options();
}

/// mpirun's own options: they end where a word is none, which is the program.
void MpirunHosts::read_options() {
    constexpr std::array<std::string_view, 2> list{"H", "host"};
    constexpr std::array<std::string_view, 3> file{"hostfile", "machinefile", "default-hostfile"};
    constexpr std::array<std::string_view, 3> ranks{"n", "np", "c"};
    std::vector<Host> listed;
    for (std::size_t at = 1; at < command_.size() && command_[at].starts_with('-');) {
        std::string_view name = command_[at];
        name.remove_prefix(std::min(name.find_first_not_of('-'), name.size()));
        std::size_t const count = words_of_option(name);
        if (at + count > command_.size()) return;
        std::string const& value = command_[at + count - 1];
        bool const in_list = is_one_of(name, list);
        if (in_list) listed = hosts_in_list(value);
        // A list chooses from a file's hosts.
        if (is_one_of(name, file) && listed.empty()) listed = hosts_in_file(value);
        if (in_list || (is_one_of(name, file) && hosts_word_ == 0)) hosts_word_ = at + 1;
        if (is_one_of(name, ranks)) ranks_word_ = at + 1;
        if (count == 3 && command_[at + 1] == "plm_rsh_agent") agent_ = agent_from(value);
        at += count;
    }
    for (Host const& host : listed) add_host(host);
}

/// A host that is named again has more slots.
void MpirunHosts::add_host(Host host) {
    auto const known = std::ranges::find(hosts_, host.name, &Host::name);
    if (known == hosts_.end()) return hosts_.push_back(std::move(host));
    auto const before = number_from(known->slots), more = number_from(host.slots);
    if (before && more) known->slots = std::to_string(*before + *more);
}

std::vector<std::string> MpirunHosts::lost() const {
    // All at once: each that is gone takes as long as we wait.
    Words ask{"/bin/sh",
              "-c",
              "agent=$1; seconds=$2; shift 2; for host; do "
              "timeout $seconds $agent \"$host\" true </dev/null >/dev/null 2>&1 || echo \"$host\" "
              "& done; wait",
              "partita",
              agent_,
              std::to_string(answer_seconds)};
    std::size_t const own_words = ask.size();
    for (Host const& host : hosts_)
        if (!is_here(host.name)) ask.push_back(host.name);
    if (ask.size() == own_words) return {};
    std::istringstream silent(output_of(ask).out);
    std::vector<std::string> lost;
    for (std::string name; std::getline(silent, name);) lost.push_back(name);
    std::ranges::sort(lost);
    return lost;
}

Words MpirunHosts::without(std::vector<std::string> const& lost) const {
    std::string list;
    std::int64_t all = 0, left = 0;
    for (Host const& host : hosts_) {
        std::int64_t const slots = number_from(host.slots).value_or(1);
        all += slots;
        if (std::ranges::find(lost, host.name) != lost.end()) continue;
        left += slots;
        if (!list.empty()) list += ',';
        list += host.name + ':' + host.slots;
    }
    Words command = command_;
    command[hosts_word_ - 1] = "--host";
    command[hosts_word_] = list;
    if (auto const number = number_from(ranks()))
        command[ranks_word_] = std::to_string(std::max<std::int64_t>(1, *number * left / all));
    return command;
}

}  // namespace partita::cluster
