// A network switch in a program: every frame waits for the sender's and the receiver's line, which
// have a rate, and then for the time that the way takes. For tools/hosts.
//
//     network_switch DELAY_US RATE_MBIT PID...
//
// makes the device eth0 in the network namespace of each process, a port each. Rate 0 = no limit.
// Frames of TCP may be longer than the network's packets: kernels hand them over uncut, with a
// header that says how to cut them, as they do to network cards; which saves most of the work here.

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <map>
#include <poll.h>
#include <queue>
#include <sched.h>
#include <string>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

using Address = std::vector<char>;  // six bytes
constexpr ssize_t head = 10;        // bytes of a virtio_net_hdr, whose declaration is not C++

struct Frame {
    std::int64_t due_ns;
    std::size_t port;
    std::vector<char> bytes;
};
struct Later {
    bool operator()(Frame const& a, Frame const& b) const { return a.due_ns > b.due_ns; }
};

[[noreturn]] void give_up(char const* what) {
    std::perror(what);
    std::exit(1);
}

std::int64_t now_ns() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

int open_port(std::string const& process) {
    int const space = open(("/proc/" + process + "/ns/net").c_str(), O_RDONLY);
    if (space < 0 || setns(space, CLONE_NEWNET) != 0) give_up("network namespace");
    close(space);
    int const port = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
    if (port < 0) give_up("/dev/net/tun");
    ifreq request{};
    std::strcpy(request.ifr_name, "eth0");
    request.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
    if (ioctl(port, TUNSETIFF, &request) != 0) give_up("eth0");
    if (ioctl(port, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6) != 0) give_up("offload");
    return port;
}

class Switch {
  public:
    Switch(std::int64_t delay_ns, double megabits, std::vector<int> const& ports)
        : delay_ns_(delay_ns), megabits_(megabits), out_(ports.size(), 0), in_(ports.size(), 0) {
        for (int const port : ports) ports_.push_back({port, POLLIN, 0});
    }

    [[noreturn]] void run() {
        for (;;) {
            deliver();
            timespec wait{3600, 0};
            if (!frames_.empty()) {
                std::int64_t const left =
                    std::max<std::int64_t>(frames_.top().due_ns - now_ns(), 0);
                wait = {left / 1'000'000'000, left % 1'000'000'000};
            }
            if (ppoll(ports_.data(), ports_.size(), &wait, nullptr) <= 0) continue;
            for (std::size_t port = 0; port < ports_.size(); ++port)
                if (ports_[port].revents & POLLIN) read_some(port);
        }
    }

  private:
    void deliver() {
        while (!frames_.empty() && frames_.top().due_ns <= now_ns()) {
            Frame const& frame = frames_.top();
            // A port that is down loses it, as a cable that was pulled does.
            if (write(ports_[frame.port].fd, frame.bytes.data(), frame.bytes.size()) < 0 &&
                errno != EIO && errno != EAGAIN)
                give_up("write");
            frames_.pop();
        }
    }

    void read_some(std::size_t port) {
        constexpr int at_a_time = 16;
        for (int i = 0; i < at_a_time; ++i) {
            ssize_t const bytes = read(ports_[port].fd, buffer_, sizeof buffer_);
            if (bytes < head + 14) return;
            known_[Address(buffer_ + head + 6, buffer_ + head + 12)] = port;
            take(port, static_cast<std::size_t>(bytes));
        }
    }

    void take(std::size_t from, std::size_t bytes) {
        auto const on_line = static_cast<std::int64_t>(
            megabits_ > 0 ? static_cast<double>(bytes - head) * 8000 / megabits_ : 0);
        in_[from] = std::max(in_[from], now_ns()) + on_line;
        auto const to = known_.find(Address(buffer_ + head, buffer_ + head + 6));
        for (std::size_t port = 0; port < ports_.size(); ++port) {
            if (port == from || (to != known_.end() && to->second != port)) continue;
            out_[port] = std::max(out_[port], in_[from] - on_line) + on_line;
            frames_.push({std::max(in_[from], out_[port]) + delay_ns_, port,
                          std::vector<char>(buffer_, buffer_ + bytes)});
        }
    }

    std::int64_t delay_ns_;
    double megabits_;
    std::vector<std::int64_t> out_, in_;  // until when each port's lines are busy
    std::vector<pollfd> ports_;
    std::map<Address, std::size_t> known_;  // which port an address was seen at
    std::priority_queue<Frame, std::vector<Frame>, Later> frames_;
    char buffer_[70000];
};

}  // namespace

int main(int count, char** arguments) {
    if (count < 4) {
        std::fprintf(stderr, "usage: network_switch DELAY_US RATE_MBIT PID...\n");
        return 1;
    }
    prctl(PR_SET_TIMERSLACK, 1000);
    std::vector<int> ports;
    for (int i = 3; i < count; ++i) ports.push_back(open_port(arguments[i]));
    static Switch the_switch(std::atoll(arguments[1]) * 1000, std::atof(arguments[2]), ports);
    std::fprintf(stderr, "ready\n");
    the_switch.run();
}
