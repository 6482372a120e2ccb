// Any request at any route of the gateway, over a real realm with an enrolled office: files,
// health, enrolment, batches (opened and validated too), mail, status. Nothing may crash, and
// whatever is wrong with a request is answered as the caller's fault, never as the platform's.
//
// An input is a request as it is sent: a line with method and target, header lines, an empty line,
// a body. The header "X-Seal: batch" or "X-Seal: enrolment" seals and signs the body as the office
// would, so that what lies behind the signature is reached too.
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "platform/gateway/gateway_handler.hpp"
#include "sync/wire/server/peer.hpp"
#include "tests/platform/serve/remote_office.hpp"

namespace {

using namespace rootlet;

[[noreturn]] void wrong(const http::RequestHead& head, int status) {
  std::fprintf(stderr, "%s %s: %d\n", std::string(head.method).c_str(),
               std::string(head.target).c_str(), status);
  std::abort();
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

// What remains of `text` is the body.
http::RequestHead read_head(std::string_view& text) {
  const std::string_view first = take_line(text);
  const std::size_t blank = std::min(first.find(' '), first.size());
  http::RequestHead head{.method = first.substr(0, blank),
                         .target = first.substr(std::min(blank + 1, first.size()))};
  for (std::string_view line = take_line(text); !line.empty(); line = take_line(text)) {
    const std::size_t colon = std::min(line.find(": "), line.size());
    head.fields.push_back({line.substr(0, colon), line.substr(std::min(colon + 2, line.size()))});
  }
  return head;
}

class Station {
 public:
  Station() {
    live_.add_office("reader");  // so that there are grants and metadata to fetch
    test::People people;
    people["p1"] = {.code = "1101", .members = "2", .phone = "13800000000"};
    live_.publish(people);
    api_.on_enrolment(
        [this] { test::must(platform::answer_enrolments(live_.realm(), live_.clock.wall())); });
    if (api_.enroll(office_.enrolment()).status != 200) std::abort();
  }

  void ask(std::string_view text) {
    const http::RequestHead head = read_head(text);
    (void)http::client_of_request("127.0.0.1", head, proxies_);
    const http::Plan plan = handler_.plan(head);
    if (plan.refusal || plan.methods.find(head.method) == std::string_view::npos) return;
    const std::string_view seal = head.field("x-seal");
    Bytes body = to_bytes(text);
    if (seal == "batch") body = office_.batch_of(as_bytes(text));
    if (seal == "enrolment") body = office_.sealed_request(text);
    if (body.size() > plan.body_bytes) return;
    const http::Reply reply = handler_.answer(head, body);
    check(head, reply);
    if (seal == "batch" && reply.status == 200) {
      office_.received(body);
      live_.validate();
    }
  }

 private:
  // Neither the disk nor the lock is in the way here, so that 5xx is a fault of ours.
  static void check(const http::RequestHead& head, const http::Reply& reply) {
    if (reply.status >= 500 || reply.status < 200) wrong(head, reply.status);
    const Bytes* bytes = std::get_if<Bytes>(&reply.body);
    if (bytes == nullptr || bytes->empty()) return;
    if (parse_json(as_text(*bytes), "answer").has_error()) wrong(head, reply.status);
  }

  test::LiveRealm live_;
  platform::RealmApi api_{platform::RealmFolder{live_.path()}.serving(), live_.clock};
  platform::GatewayHandler handler_{live_.repository(), 64 * limits::kKiB, limits::kBatchBytes,
                                    api_};
  test::RemoteOffice office_{live_, "fuzzed"};
  http::Proxies proxies_ = test::must(http::Proxies::parse("127.0.0.1,::1"));
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool kStarted = (initialise_crypto(), true);
  static Station station;
  if (kStarted) station.ask(as_text(ByteView(data, size)));
  return 0;
}
