// Asks the local API over its Unix socket, on several kept connections at once.
// clang-format off
//   http SOCKET TARGETS CONNECTIONS SECONDS
// clang-format on
// TARGETS is a file with lines KIND<tab>TARGET. Each connection sends one request after the other,
// taking the kinds in turn and a random target of the kind. Prints milliseconds from the first byte
// sent to the last byte received, by kind. Another status than 200 ends the program.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>
#include <random>
#include <thread>
#include <vector>

#include "bench/tool.hpp"

namespace rootlet::bench {
namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::string_view kLengthField = "\r\ncontent-length: ";

using Targets = std::map<std::string, std::vector<std::string>>;  // by kind
using Latencies = std::map<std::string, std::vector<double>>;     // milliseconds by kind

Targets load_targets(const char* path) {
  Targets targets;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::size_t tab = line.find('\t');
    if (tab == std::string::npos) die("a line of targets has no tab");
    targets[line.substr(0, tab)].push_back(line.substr(tab + 1));
  }
  if (targets.empty()) die("no targets");
  return targets;
}

class Connection {
 public:
  explicit Connection(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) die("the socket's path is too long");
    path.copy(address.sun_path, path.size());
    const auto* general = reinterpret_cast<const sockaddr*>(&address);
    if (::connect(socket_, general, sizeof address) != 0) die("cannot connect to " + path);
  }
  ~Connection() { ::close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void ask(const std::string& target) {
    const std::string request = "GET " + target + " HTTP/1.1\r\nHost: agent\r\n\r\n";
    if (::write(socket_, request.data(), request.size()) != static_cast<ssize_t>(request.size())) {
      die("cannot send");
    }
    answer_.clear();
    std::size_t head = std::string::npos;
    while (head == std::string::npos) {
      receive();
      head = answer_.find(kHeadEnd);
    }
    if (!answer_.starts_with("HTTP/1.1 200")) die(target + "\n" + answer_);
    const std::size_t whole = head + kHeadEnd.size() + body_length(head);
    while (answer_.size() < whole) receive();
  }

 private:
  void receive() {
    const std::size_t had = answer_.size();
    answer_.resize(had + 65'536);
    const ssize_t got = ::read(socket_, answer_.data() + had, answer_.size() - had);
    if (got <= 0) die("the API hung up");
    answer_.resize(had + static_cast<std::size_t>(got));
  }

  std::size_t body_length(std::size_t head) const {
    std::string fields = answer_.substr(0, head);
    std::transform(fields.begin(), fields.end(), fields.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const std::size_t at = fields.find(kLengthField);
    if (at == std::string::npos) die("an answer without its length");
    std::size_t length = 0;
    std::from_chars(fields.data() + at + kLengthField.size(), fields.data() + fields.size(),
                    length);
    return length;
  }

  int socket_;
  std::string answer_;
};

void ask_in_turn(const std::string& path, const Targets& targets, double seconds,
                 std::uint64_t seed, Latencies& out) {
  Connection connection(path);
  std::mt19937_64 random(seed);
  const Timer whole;
  while (whole.seconds() < seconds) {
    for (const auto& [kind, list] : targets) {
      const std::string& target = list[random() % list.size()];
      const Timer timer;
      connection.ask(target);
      out[kind].push_back(timer.seconds() * 1e3);
    }
  }
}

json::object figures(std::vector<double> times) {
  std::sort(times.begin(), times.end());
  const auto at = [&](double part) {
    return times[static_cast<std::size_t>(part * static_cast<double>(times.size() - 1))];
  };
  return {{"count", times.size()},
          {"p50", at(0.5)},
          {"p95", at(0.95)},
          {"p99", at(0.99)},
          {"most", at(1)}};
}

void load(const std::string& path, const Targets& targets, std::size_t connections,
          double seconds) {
  std::vector<Latencies> found(connections);
  std::vector<std::thread> threads;
  const Timer timer;
  for (std::size_t i = 0; i < connections; ++i) {
    threads.emplace_back([&, i] { ask_in_turn(path, targets, seconds, i + 1, found[i]); });
  }
  for (std::thread& thread : threads) thread.join();
  const double took = timer.seconds();
  Latencies all;
  std::size_t count = 0;
  for (const Latencies& one : found) {
    for (const auto& [kind, times] : one) {
      all[kind].insert(all[kind].end(), times.begin(), times.end());
      count += times.size();
    }
  }
  json::object kinds;
  for (auto& [kind, times] : all) kinds[kind] = figures(std::move(times));
  print(json::object{{"count", count}, {"seconds", took}, {"ms", std::move(kinds)}});
}

}  // namespace
}  // namespace rootlet::bench

int main(int count, char** words) {
  using namespace rootlet::bench;
  if (count != 5) die("usage: http SOCKET TARGETS CONNECTIONS SECONDS");
  load(words[1], load_targets(words[2]), std::stoul(words[3]), std::stod(words[4]));
  return 0;
}
