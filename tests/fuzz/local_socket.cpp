// Any lines at the agent's local socket, in an enrolled home with data, a form and an outbox: each
// is answered with a result or an error of the caller, never with a crash, and the answer is valid
// JSON whatever the request held.
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "agent/service/caller.hpp"
#include "agent/service/service.hpp"
#include "tests/realm/world/realm.hpp"

namespace {

using namespace rootlet;

constexpr std::size_t kLines = 4;  // of one input

class NoCycles final : public agent::CycleScheduler {
 public:
  Result<json::object> sync(const agent::CycleRequest&, agent::AnswerSink&) override {
    return fail(ErrorCode::kUnreachable, "there is no link");
  }
  void nudge() override {}
};

void check_text(const json::value& said) {
  const std::string text = json::serialize(said);
  if (is_utf8(text) && parse_json(text, "answer").has_value()) return;
  std::fprintf(stderr, "not valid JSON: %s\n", text.c_str());
  std::abort();
}

class CheckingSink final : public agent::AnswerSink {
 public:
  Status progress(const json::object& progress) override { return check(progress); }
  Status head(const json::object& head) override { return check(head); }
  Status rows(const json::array& rows) override { return check(rows); }

 private:
  static Status check(const json::value& said) {
    check_text(said);
    return ok();
  }
};

class Agent {
 public:
  Agent() {
    test::People people;
    for (int i = 0; i < 30; ++i) {
      people["p" + std::to_string(i)] = {
          .code = "1101", .members = std::to_string(i), .phone = "13800000000"};
    }
    live_.publish(people);
    office_.cycle();
    office_.context.settings.url = "http://127.0.0.1:1";  // nobody listens there
  }

  void hear(std::string_view line) {
    const Result<json::object> answer = answer_to(line);
    if (answer.has_value()) {
      check_text(answer.value());
      return;
    }
    const Error& error = answer.error();
    check_text(json::object{{"message", error.message}, {"field", error.field}});
    const bool ours = error.code == ErrorCode::kInternal || error.code == ErrorCode::kStorage ||
                      error.code == ErrorCode::kStorageDamaged;
    if (!ours) return;
    std::fprintf(stderr, "%s\n%s\n", std::string(line).c_str(), error.message.c_str());
    std::abort();
  }

 private:
  Result<json::object> answer_to(std::string_view line) {
    ROOTLET_TRY(const json::value request, parse_json(line, "request"));
    if (!request.is_object()) return bad_input("a request must be an object", "request");
    CheckingSink sink;
    return service_.handle(request.get_object(),
                           agent::with_roles(agent::own_peer(), office_.context), sink);
  }

  test::LiveRealm live_;
  test::LiveOffice& office_ = live_.add_office("office");
  NoCycles scheduler_;
  agent::Service service_{office_.context, scheduler_, [] { return false; }};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool kStarted = (initialise_crypto(), true);
  static Agent office;
  std::string_view text = as_text(ByteView(data, size));
  for (std::size_t line = 0; kStarted && line < kLines && !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    office.hear(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return 0;
}
