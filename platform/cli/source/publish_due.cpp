// Starts a process for each publish that is due, and reports what came of them.
#include "config/output/readable.hpp"
#include "config/units.hpp"
#include "platform/cli/source/source_commands.hpp"
#include "platform/cli/source/source_text.hpp"
#include "platform/schedule/publish_children.hpp"

namespace rootlet::platform {
namespace {

constexpr std::size_t kAtOnce = 2;  // each needs up to 400 MB for a million rows

class DueRun {
 public:
  DueRun(const CommandRun& run, Realm& realm) : run_(run), realm_(realm), began_(run.now()) {}

  Result<int> publish_all() {
    ROOTLET_TRY(const std::vector<Registry::Source> all, realm_.registry().sources());
    std::vector<PublishChild> children;
    for (const Registry::Source& held : all) {
      const Result<ScheduledSource> source = load_scheduled_source(realm_.registry(), held.dataset);
      if (source.has_error()) {
        add_error(held.dataset, exit_code_of(source.error().code), to_json(source.error()));
        continue;
      }
      const SourceFile& file = source.value().file;
      if (next_due(file, source.value().health) > began_) continue;
      children.push_back({held.dataset, words_for(held.dataset), file.timeout});
    }
    ROOTLET_TRY(run_publish_children(children, kAtOnce,
                                     [this](auto& child, auto& end) { return take(child, end); }));
    ROOTLET_TRY(look_for_alarms());
    ROOTLET_TRY(run_.output.report(
        json::object{{"due", std::move(published_)}, {"alarms", std::move(alarms_)}}, text_));
    return code_;
  }

 private:
  std::vector<std::string> words_for(const std::string& dataset) const {
    std::vector<std::string> words{
        "--realm", realm_.folder().path.string(), "publish", dataset, "--scheduled", "--json"};
    if (run_.arguments.has("accept-clock")) words.emplace_back("--accept-clock");
    return words;
  }

  Status take(const PublishChild& child, const ChildEnd& end) {
    const int failed = exit_code_of(ErrorCode::kUnreachable);
    if (end.how == ChildEnd::How::kTooLong) {
      const std::string error =
          "took longer than " + format_duration(child.timeout) + " and was stopped";
      ROOTLET_TRY(note_failed_try(realm_, child.dataset, began_, error));
      add_error(child.dataset, failed, json::object{{"message", error}});
      return ok();
    }
    Result<json::value> said = parse_json(end.output, "publish " + child.dataset);
    const bool is_object = said.has_value() && said.value().is_object();
    if (end.how == ChildEnd::How::kBroken || !is_object) {
      const std::string error = "the process broke off";
      ROOTLET_TRY(note_failed_try(realm_, child.dataset, began_, error));
      add_error(child.dataset, 1, json::object{{"message", error}});
      return ok();
    }
    const json::object& report = said.value().as_object();
    ROOTLET_TRY(note_unless_noted(child.dataset, report));
    add(child.dataset, end.exit_code, report, figures_of(report));
    return ok();
  }

  // A process that failed before it had read its source file has noted nothing.
  Status note_unless_noted(const std::string& dataset, const json::object& report) {
    const json::value* error = report.if_contains("error");
    if (error == nullptr) return ok();
    const Result<ScheduledSource> source = load_scheduled_source(realm_.registry(), dataset);
    if (source.has_error() || source.value().health.tried >= began_) return ok();
    return note_failed_try(realm_, dataset, began_,
                           std::string(error->as_object().at("message").as_string()));
  }

  static std::string figures_of(const json::object& said) {
    const json::value* error = said.if_contains("error");
    if (error != nullptr) return std::string(error->as_object().at("message").as_string());
    const auto count = [&](const char* name) { return json::serialize(said.at(name)); };
    std::string text = count("rows") + " rows, +" + count("added") + " ~" + count("changed") +
                       " -" + count("removed");
    if (said.contains("set_aside")) text += ", " + count("set_aside") + " set aside";
    return text;
  }

  void add_error(const std::string& dataset, int code, const json::object& error) {
    const std::string words(error.at("message").as_string());
    add(dataset, code, {{"error", error}}, words);
  }

  void add(const std::string& dataset, int code, json::object said, const std::string& words) {
    if (code_ == 0) code_ = code;
    said["dataset"] = dataset;
    said["exit_code"] = code;
    published_.push_back(std::move(said));
    text_ += dataset + ": " + words + "\n";
  }

  Status look_for_alarms() {
    ROOTLET_TRY(const std::vector<Registry::Source> all, realm_.registry().sources());
    for (const Registry::Source& held : all) {
      const Result<ScheduledSource> loaded = load_scheduled_source(realm_.registry(), held.dataset);
      if (loaded.has_error()) continue;  // named above
      const ScheduledSource& source = loaded.value();
      const Text alarm = alarm_text(source, began_);
      if (alarm.empty()) continue;
      alarms_.push_back(json_source(source, began_));
      run_.output.note(run_.output.words({.en = "ALARM " + alarm.en, .zh = "告警 " + alarm.zh}));
    }
    return ok();
  }

  const CommandRun& run_;
  Realm& realm_;
  UnixTime began_;
  json::array published_, alarms_;
  std::string text_;
  int code_ = 0;
};

}  // namespace

Result<int> publish_due(const CommandRun& run) {
  ROOTLET_TRY(Realm realm, run.open_realm());
  return DueRun(run, realm).publish_all();
}

}  // namespace rootlet::platform
