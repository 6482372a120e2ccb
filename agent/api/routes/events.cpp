#include "agent/api/routes/events.hpp"

#include <thread>

#include "agent/api/form/body_out.hpp"
#include "agent/api/form/problem.hpp"
#include "core/format/json_values.hpp"

namespace rootlet::agent {
namespace {

using Instant = std::chrono::steady_clock::time_point;

constexpr std::chrono::milliseconds kLook{500};
// A change seen in the files is looked at no more often: a sync writes them many times a second.
constexpr std::chrono::seconds kBetweenPulses{1};

// When the files behind the events were changed last. A write-ahead log changes first.
std::string stamps_of(const Home& home) {
  std::string out;
  for (fs::path path : {home.keys(), home.outbox()}) {
    for (int i = 0; i < 2; ++i, path += "-wal") {
      std::error_code failed;
      const auto time = fs::last_write_time(path, failed).time_since_epoch().count();
      const auto size = failed ? 0 : fs::file_size(path, failed);
      out += std::to_string(time) + "/" + std::to_string(size) + " ";
    }
  }
  return out;
}

class EventProducer final : public http::Producer {
 public:
  EventProducer(const Api& api, ApiAsk ask) : api_(api), ask_(std::move(ask)) {}

  std::optional<http::Reply> produce(http::ReplyStream& stream) override {
    const Places::Taken place(api_.event_places());
    if (!place.is_granted()) return refuse();
    PieceBody out(stream);
    out.begin("text/event-stream", {});
    // What a browser waits before it connects again.
    Status told = out.write("retry: 5000\n\n");
    while (told.has_value() && !stream.is_gone() && is_admitted()) {
      told = tell_changes(out);
      std::this_thread::sleep_for(kLook);
    }
    if (!is_admitted()) static_cast<void>(out.write("event: end\ndata: {}\n\n").has_error());
    return std::nullopt;
  }

 private:
  std::optional<http::Reply> refuse() const {
    Error error = fail(ErrorCode::kBusy, "as many pages listen as this agent serves");
    error.hint = {.en = "Close pages of the console that nobody looks at.",
                  .zh = "打开的页面过多，请关闭不用的页面。"};
    error.retry_after_seconds = 30;
    return problem_reply(error, ask_.request.language);
  }

  // Listening keeps no session alive.
  bool is_admitted() const {
    if (!ask_.caller.is_browser()) return true;
    return api_.parts().doorkeeper.sessions(ask_.face).is_live(
        ask_.caller.session, api_.parts().context.clock->since_boot());
  }

  Status tell_changes(BodyOut& out) {
    const Instant now = std::chrono::steady_clock::now();
    std::string text;
    look_at_files(now, text);
    json::object status = status_;
    const std::optional<json::object> running = api_.parts().scheduler.running();
    status["sync"] = running ? json::value(*running) : json::value();
    add_if_new("status", json::serialize(status), text);
    if (text.empty() && now - written_ >= kHeartbeat) text = ": alive\n\n";
    if (text.empty()) return ok();
    written_ = now;
    return out.write(text);
  }

  void look_at_files(Instant now, std::string& text) {
    if (now - looked_ < kBetweenPulses) return;
    std::string stamps = stamps_of(api_.parts().context.home);
    if (stamps == stamps_) return;
    looked_ = now;
    const Result<json::object> pulse = api_.call(ask_, "pulse");
    if (pulse.has_error()) return;  // the next look tries again
    stamps_ = std::move(stamps);
    const json::value* last = pulse.value().if_contains("last_sync");
    status_["last_sync"] = last != nullptr ? *last : json::value();
    for (const char* name : {"outbox", "watches"}) {
      const json::value* found = pulse.value().if_contains(name);
      if (found != nullptr) add_if_new(name, json::serialize(*found), text);
    }
  }

  void add_if_new(const std::string& name, std::string data, std::string& text) {
    std::string& told = told_[name];
    if (told == data) return;
    told = std::move(data);
    text += "event: " + name + "\ndata: " + told + "\n\n";
  }

  const Api& api_;
  const ApiAsk ask_;
  Instant looked_{}, written_{};
  std::string stamps_;
  json::object status_{{"last_sync", nullptr}};
  std::map<std::string, std::string> told_;  // by the event's name
};

}  // namespace

http::Reply answer_events(const Api& api, ApiAsk& ask) {
  return http::stream_reply(std::make_unique<EventProducer>(api, std::move(ask)));
}

}  // namespace rootlet::agent
