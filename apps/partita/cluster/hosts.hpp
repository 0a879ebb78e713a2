#pragma once

#include "cluster/process.hpp"

#include <string>
#include <vector>

namespace partita::cluster {

/// A host that an mpirun command names.
struct Host {
    std::string name;
    std::string slots;  ///< As mpirun takes it behind the name: "4", "*" = as many as cores.
};

/// An mpirun command, for what it says of hosts: its --host or --hostfile, -n and rsh agent.
class MpirunHosts {
  public:
    /// Any command; what is not mpirun, or starts several programs, names no hosts. Nor does a file
    /// that cannot be read: mpirun says so.
    explicit MpirunHosts(Words command);

    /// In the order of the command, each once.
    std::vector<Host> const& hosts() const { return hosts_; }
    /// As -n says; "" where it does not.
    std::string ranks() const { return ranks_word_ > 0 ? command_[ranks_word_] : ""; }

    /// Those that do not answer when mpirun's agent, ssh if none is given, is to run 'true' there.
    /// This machine is not asked.
    std::vector<std::string> lost() const;

    /// The command without some of the hosts, and with so much fewer ranks as they had slots.
    Words without(std::vector<std::string> const& lost) const;

  private:
    void read_options();
    void add_host(Host host);

    Words command_;
    std::vector<Host> hosts_;
    std::size_t hosts_word_ = 0, ranks_word_ = 0;  ///< Of the options' values; 0 = not there.
    std::string agent_;
};

}  // namespace partita::cluster
