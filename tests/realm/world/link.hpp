// The link between one office and its platform, in memory. It carries whole HTTP exchanges and, by
// a seed, cuts, delays, repeats, shortens and falsifies them. What it delivers passes the agent's
// own reader of HTTP answers. Time passes on the clock it is given; it never sleeps.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>

#include "sync/wire/client/http.hpp"
#include "tests/realm/world/gateway_in_process.hpp"
#include "tests/support/support.hpp"

namespace rootlet::test {

// How many of a thousand requests meet each fault; at most one each.
struct Faults {
  int cut = 0;                // the request does not arrive
  int lost_answer = 0;        // it arrives, and no byte of the answer comes back
  int broken_answer = 0;      // the answer breaks off, and the client sees that
  int truncated_answer = 0;   // the answer is too short, and its headers hide that
  int corrupted_answer = 0;   // one bit of the answer is wrong
  int corrupted_request = 0;  // one bit of what is sent is wrong
  int doubled = 0;            // the request arrives twice; the second answer comes back
  int delayed = 0;            // up to ten minutes pass
};

// One request in seven meets a fault, so most cycles meet one.
inline constexpr Faults kRoughLink = {.cut = 15,
                                      .lost_answer = 20,
                                      .broken_answer = 20,
                                      .truncated_answer = 15,
                                      .corrupted_answer = 15,
                                      .corrupted_request = 15,
                                      .doubled = 20,
                                      .delayed = 20};

class Link {
 public:
  using Gateway = std::function<GatewayReply(const GatewayRequest&)>;
  // `clock` must outlive the link.
  Link(Gateway gateway, FakeClock& clock, std::uint64_t seed)
      : gateway_(std::move(gateway)), clock_(&clock), random_(seed) {}

  // A client of this link, which must outlive it. One thread.
  std::unique_ptr<HttpTransport> connect();

  // --- what the link does to requests from now on ---
  Faults faults;
  bool is_down = false;
  std::size_t cut_after = 0;          // every answer breaks off after so many bytes; 0: never
  std::size_t piece = 1000;           // bytes that arrive together
  std::set<std::string> missing;      // paths that the gateway answers with 404
  bool has_nothing = false;           // it answers every path so
  std::map<std::string, Bytes> lies;  // path → the whole file that comes in place of the real one

  // --- what it saw since forget(); a path is "metadata/timestamp.json" ---
  std::vector<std::string> asked;                   // in order
  std::map<std::string, std::uint64_t> bytes_sent;  // of bodies that reached the client
  std::uint64_t faults_met = 0;
  std::size_t times_asked(const std::string& path) const;
  std::size_t times_asked_below(const std::string& folder) const;
  void forget();

 private:
  friend class LinkClient;
  enum class Fault {
    kNone,
    kCut,
    kLostAnswer,
    kBrokenAnswer,
    kTruncatedAnswer,
    kCorruptedAnswer,
    kCorruptedRequest,
    kDoubled,
    kDelayed
  };
  Fault draw();
  std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : random_() % bound; }
  void flip_a_bit(Bytes& bytes);
  GatewayReply reply_to(const std::string& path, const GatewayRequest& request) const;

  Gateway gateway_;
  FakeClock* clock_;
  std::mt19937_64 random_;
};

}  // namespace rootlet::test
