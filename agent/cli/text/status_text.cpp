// Lays out the JSON of `status`, `sync` and `doctor` as text.
#include "agent/cli/text/status_text.hpp"

#include "agent/cli/text/words.hpp"
#include "agent/reports/fork_report.hpp"
#include "config/output/local_time.hpp"
#include "config/output/message_text.hpp"
#include "config/output/readable.hpp"
#include "config/output/text_table.hpp"
#include "core/format/json_values.hpp"

namespace rootlet::agent {
namespace {

std::string datasets_text(const json::array& datasets, Language language, std::size_t max_width) {
  const bool zh = language == Language::kChinese;
  TextTable table(zh ? std::vector<std::string>{"数据集", "名称", "分区", "版本", "状态", "行数",
                                                "截至", "租期至"}
                     : std::vector<std::string>{"dataset", "title", "streams", "version", "state",
                                                "rows", "as of", "lease until"});
  for (const json::value& value : datasets) {
    const json::object& one = value.get_object();
    std::int64_t newest = 0;
    std::string state = "current";
    for (const json::value& item : array_at(one, "streams")) {
      const json::object& stream = item.get_object();
      newest = std::max(newest, integer_at(stream, "version"));
      if (text_at(stream, "state") != "current") state = text_at(stream, "state");
    }
    if (boolean_at(one, "covers_no_data")) state = zh ? "授权不含数据" : "grant covers no data";
    if (text_at(one, "access") != "open") state = text_at(one, "access");
    if (boolean_at(one, "stale") && state == "current") state = "stale";
    state = with_terms(state, one, language);
    table.add({text_at(one, "id"), text_at(one, "title", language),
               std::to_string(array_at(one, "streams").size()), std::to_string(newest), state,
               text_at(one, "rows"), time_at(one, "as_of"), time_at(one, "lease_until")});
  }
  return table.empty() ? "" : "\n" + table.text(max_width);
}

// The message of an error inside an answer; "" if there is none.
std::string error_line(const json::object& holder, Language language) {
  const json::object& error = object_at(holder, "error");
  return error.empty() ? "" : error_text(error_from_json(error), language);
}

std::string outbox_text(const json::object& outbox, Language language) {
  std::string out = error_line(outbox, language);
  if (!out.empty()) return out;
  for (const char* state : {"draft", "saved", "sealed", "received", "accepted", "returned"}) {
    const std::int64_t count = integer_at(outbox, state);
    if (count == 0) continue;
    out += (out.empty() ? "" : ", ") + std::to_string(count) + " " + word_in(state, language);
  }
  const std::int64_t held = integer_at(outbox, "too_large");
  if (held > 0) {
    const bool zh = language == Language::kChinese;
    out += zh ? "；其中 " + std::to_string(held) + " 条超出网络允许的大小（rootlet outbox list）"
              : "; " + std::to_string(held) + " too large for the link (rootlet outbox list)";
  }
  return out.empty() ? "-" : out;
}

std::string figures_of(const json::object& report) {
  const auto down = static_cast<std::uint64_t>(integer_at(report, "bytes_down"));
  const auto up = static_cast<std::uint64_t>(integer_at(report, "bytes_up"));
  return format_bytes(down) + " ↓ " + format_bytes(up) + " ↑, " +
         format_seconds(number_at(report, "seconds"));
}

// What was deferred, and why; "" if nothing was.
std::string held_back_text(const json::object& report, Language language) {
  const json::object& held = object_at(report, "held_back");
  if (held.empty()) return "";
  const bool zh = language == Language::kChinese;
  const std::string packs = text_at(held, "packs");
  const std::string bytes = format_bytes(static_cast<std::uint64_t>(integer_at(held, "bytes")));
  if (text_at(held, "reason") == "lost") {
    return zh ? "本机已报失，不下载数据" : "This machine was reported lost: no data is fetched";
  }
  const bool by_hours = text_at(held, "reason") == "hours";
  if (zh) {
    return "暂缓下载 " + packs + " 个数据包（" + bytes + "）：" +
           (by_hours ? "不在 download_hours 时段内" : "超出 monthly_bytes 本月流量") +
           "；立即下载：rootlet sync --now";
  }
  return packs + " packs (" + bytes +
         ") wait: " + (by_hours ? "outside download_hours" : "beyond this month's monthly_bytes") +
         "; rootlet sync --now fetches them at once";
}

std::string erasures_text(const json::array& erasures, Language language) {
  std::string out;
  for (const json::value& value : erasures) {
    const json::object& one = value.get_object();
    out += (language == Language::kChinese ? "已销毁  " : "erased    ") + text_at(one, "dataset") +
           "  " + time_at(one, "at") + "  " + word_in(text_at(one, "reason"), language) + "\n";
  }
  return out;
}

// Files that wait to be fetched again, and forks of the office.
std::string troubles_text(const json::object& status, Language language) {
  const bool zh = language == Language::kChinese;
  std::string out;
  const json::object& loss = object_at(status, "loss");
  if (!loss.empty()) {
    out += (zh ? "已报失  " : "lost      ") + time_at(loss, "at") + "  " + text_at(loss, "reason") +
           (zh ? "  数据已锁定，由平台解除（office resume）"
               : "  its data is locked until the platform settles it (office resume)") +
           "\n";
  }
  const json::object& copy = object_at(status, "copy_lock");
  if (!copy.empty()) {
    out += (zh ? "旧副本  " : "copy      ") + time_at(copy, "since") + "  " + text_at(copy, "why") +
           (zh ? "  数据已锁定，同步后解除" : "  its data is locked until the next sync") + "\n";
  }
  for (const json::value& value : array_at(status, "damage")) {
    const json::object& one = value.get_object();
    out += (zh ? "已损坏  " : "damaged   ") + text_at(one, "file") + "  " + time_at(one, "found") +
           (zh ? "  下次同步重新下载" : "  the next sync fetches it again") + "\n";
  }
  const std::size_t forks = array_at(object_at(status, "outbox"), "forks").size();
  if (forks > 0) {
    out += (zh ? "分叉    " : "forks     ") + std::to_string(forks) +
           (zh ? "  有另一台机器也以本单位名义上报，见 rootlet doctor"
               : "  another machine sends as this office: see rootlet doctor") +
           "\n";
  }
  return out;
}

std::string names_at(const json::object& report, std::string_view key) {
  return joined(array_at(report, key));
}

}  // namespace

std::string status_text(const json::object& status, Language language, std::size_t max_width) {
  const bool zh = language == Language::kChinese;
  if (text_at(status, "state") == "none") {
    return zh ? "本机尚未注册：rootlet enroll FILE\n" : "Not enrolled: rootlet enroll FILE\n";
  }
  const json::object& office = object_at(status, "office");
  const json::object& realm = object_at(status, "realm");
  const json::object& last = object_at(status, "last_sync");
  const json::object& trust = object_at(status, "trust");
  std::string out;
  const auto line = [&](const char* en, const char* chinese, const std::string& text) {
    out += fit_to_width(zh ? chinese : en, 10) + text + "\n";
  };
  line("office", "单位",
       text_at(office, "id") + " (" + text_at(office, "name") + "), " +
           word_in(text_at(status, "state"), language) +
           (boolean_at(status, "suspended") ? ", " + word_in("suspended", language) : "") +
           (boolean_at(status, "revoked") ? ", " + word_in("revoked", language) : ""));
  line("realm", "平台", text_at(realm, "name") + " (" + text_at(realm, "id") + ")");
  line("trust", "信任",
       (boolean_at(trust, "fresh") ? (zh ? "有效至 " : "fresh until ")
                                   : (zh ? "已过期 " : "expired ")) +
           time_at(trust, "expires"));
  for (const json::value& item : array_at(trust, "near_end")) {
    const json::object& end = item.get_object();
    line(
        "", "",
        zh ? "平台角色 " + text_at(end, "role") + " 的签名将于 " + time_at(end, "expires") + " 到期"
           : "the platform's signature of role " + text_at(end, "role") + " ends at " +
                 time_at(end, "expires"));
  }
  line("last sync", "上次同步",
       last.empty() ? "-"
                    : time_at(last, "at") + "  " + word_in(text_at(last, "result"), language) +
                          "  " + figures_of(last));
  const std::string trouble = error_line(last, language);
  if (!trouble.empty()) line("", "", with_local_times(trouble));
  const std::string held = held_back_text(last, language);
  if (!held.empty()) line("", "", held);
  line("records", "记录", outbox_text(object_at(status, "outbox"), language));
  out += troubles_text(status, language);
  out += erasures_text(array_at(status, "erasures"), language);
  return out + datasets_text(array_at(status, "datasets"), language, max_width);
}

std::string sync_text(const json::object& report, Language language) {
  const bool zh = language == Language::kChinese;
  std::string out;
  if (boolean_at(report, "older_source")) {
    out = zh ? "本机数据已比该介质更新，未取任何内容"
             : "Already newer than this stick: nothing was taken";
  } else if (!boolean_at(report, "had_news") && integer_at(report, "batches") == 0) {
    out = zh ? "没有更新" : "Nothing new";
  } else {
    out = text_at(report, "packs") + (zh ? " 个数据包，" : " packs, ") + text_at(report, "rows") +
          (zh ? " 行变化" : " rows changed");
    if (integer_at(report, "batches") > 0) {
      out += zh ? "，已发送 " + text_at(report, "batches") + " 个批次"
                : ", " + text_at(report, "batches") + " batches sent";
    }
  }
  out += "  (" + figures_of(report) + ")\n";
  const std::string held = held_back_text(report, language);
  if (!held.empty()) out += held + "\n";
  const json::value* forks = report.if_contains("forks");
  if (forks != nullptr && forks->is_array() && !forks->get_array().empty()) {
    const Text advice = realm_fork_advice();
    out += (zh ? "警告：" + advice.zh : "warning: " + advice.en) + "\n";
  }
  const std::string rebuilt = names_at(report, "rebuilt"), damaged = names_at(report, "damaged");
  if (!rebuilt.empty()) {
    out += (zh ? "已损坏并重新下载：" : "damaged on disk and fetched again: ") + rebuilt + "\n";
  }
  if (!damaged.empty()) {
    out +=
        (zh ? "已损坏，待重新下载：" : "damaged on disk, to be fetched again: ") + damaged + "\n";
  }
  for (const json::value& id : array_at(report, "erased")) {
    if (!id.is_string()) continue;
    out += (zh ? "已销毁：" : "erased: ") + std::string(id.get_string()) + "\n";
  }
  return out;
}

std::string doctor_text(const json::object& findings, Language language) {
  TextTable table({"", "", ""});
  for (const json::value& value : array_at(findings, "checks")) {
    const json::object& check = value.get_object();
    const std::string state = text_at(check, "state");
    const std::string sign = state == "ok" ? "✓" : state == "note" ? "·" : "✗";
    table.add({sign, word_in(text_at(check, "name"), language), text_at(check, "words", language)});
    const std::string advice = text_at(check, "advice", language);
    if (!advice.empty()) table.add({"", "", advice});
  }
  const std::string text = table.with_local_times().lines_without_titles();
  const bool zh = language == Language::kChinese;
  if (boolean_at(findings, "healthy")) return text + (zh ? "一切正常\n" : "Nothing is wrong.\n");
  return text + (zh ? "有问题需要处理，见 ✗\n" : "Something is wrong: see ✗.\n");
}

}  // namespace rootlet::agent
