// Any request at any route of the local API, over a real office with data: as a user of the Unix
// socket and as a browser without a session. Nothing may crash, JSON is JSON, and what is wrong
// with a request is answered as the caller's fault.
//
// An input is a request as it is sent: a line with method and target, header lines, an empty line,
// a body. The header "X-Face: network" sends it to the face of the office's network.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "agent/api/api_handler.hpp"
#include "tests/realm/world/realm.hpp"

namespace {

using namespace rootlet;

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

class NoCycles final : public agent::CycleScheduler {
 public:
  Result<json::object> sync(const agent::CycleRequest&, agent::AnswerSink&) override {
    return json::object{{"packs", 0}};
  }
  void nudge() override {}
};

// Collects an answer in pieces.
class Collected final : public http::ReplyStream {
 public:
  void begin(http::Reply head) override { reply = std::move(head); }
  bool write(ByteView piece) override {
    body.insert(body.end(), piece.begin(), piece.end());
    return true;
  }
  // Events last as long as somebody listens.
  bool is_gone() const override {
    return std::any_of(reply.fields.begin(), reply.fields.end(),
                       [](const http::Field& one) { return one.value == "text/event-stream"; });
  }
  http::Reply reply;
  Bytes body;
};

http::Reply whole(http::Reply reply) {
  auto* producer = std::get_if<std::unique_ptr<http::Producer>>(&reply.body);
  if (producer == nullptr) return reply;
  Collected out;
  std::optional<http::Reply> instead = (*producer)->produce(out);
  if (instead) return std::move(*instead);
  out.reply.body = std::move(out.body);
  return std::move(out.reply);
}

class Office {
 public:
  Office() {
    test::People people;
    for (int i = 0; i < 30; ++i) {
      people["p" + std::to_string(i)] = {
          .code = "1101", .members = std::to_string(i), .phone = "13800000000"};
    }
    live_.publish(people);
    office_.cycle();
    door_.set_site(agent::Face::kLocal, agent::loopback_site(8460));
    door_.set_site(agent::Face::kNetwork, agent::network_site({"town.example"}, 8443));
  }

  void ask(std::string_view text) {
    http::RequestHead head = read_head(text);
    const bool network = head.field("x-face") == "network";
    if (head.field("host").empty()) {
      head.peer_uid = static_cast<std::int64_t>(::getuid());  // over the Unix socket
    } else {
      head.peer = "127.0.0.1";
    }
    agent::ApiHandler& handler = network ? network_ : local_;
    const http::Plan plan = handler.plan(head);
    if (plan.methods.find(head.method) == std::string_view::npos) return;
    if (text.size() > plan.body_bytes) return;
    check(head, whole(handler.answer(head, to_bytes(text))));
  }

 private:
  // 503: the data of another dataset has not arrived.
  static void check(const http::RequestHead& head, const http::Reply& reply) {
    bool is_json = false;
    for (const http::Field& field : reply.fields) {
      is_json = is_json || (field.name == "Content-Type" && field.value.ends_with("json"));
    }
    const Bytes* bytes = std::get_if<Bytes>(&reply.body);
    const bool readable = !is_json || bytes == nullptr ||
                          std::string(as_text(*bytes)).find("\n{") != std::string::npos ||
                          parse_json(as_text(*bytes), "answer").has_value();
    const bool ours = reply.status >= 500 && reply.status != 503;
    if (!ours && readable) return;
    std::fprintf(stderr, "%s %s: %d\n", std::string(head.method).c_str(),
                 std::string(head.target).c_str(), reply.status);
    std::abort();
  }

  test::LiveRealm live_;
  test::LiveOffice& office_ = live_.add_office("office");
  NoCycles scheduler_;
  agent::ReadingPool pool_{office_.context, agent::ReadingPool::Upkeep::kNone};
  agent::Doorkeeper door_{office_.context, pool_};
  agent::ConsoleDoor console_{office_.context, door_};
  agent::Api api_{{office_.context, scheduler_, pool_, [] { return false; }, door_}};
  agent::ApiHandler local_{agent::Face::kLocal, api_, console_, door_};
  agent::ApiHandler network_{agent::Face::kNetwork, api_, console_, door_};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool kStarted = (initialise_crypto(), true);
  static Office office;
  if (kStarted) office.ask(as_text(ByteView(data, size)));
  return 0;
}
