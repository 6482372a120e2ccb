// Words for rounds and comparisons.
#include "platform/cli/witness/witness_text.hpp"

#include "core/format/json_values.hpp"

namespace rootlet::platform {
namespace {

std::string start_of(const Hash256& hash) {
  return to_hex(hash).substr(0, 12);
}

std::string_view name_of(ViewerKind kind) {
  switch (kind) {
    case ViewerKind::kWitness:
      return "witness";
    case ViewerKind::kOffice:
      return "office";
    case ViewerKind::kFile:
      return "file";
  }
  return "";
}

std::int64_t newest_of(const Viewer& viewer) {
  std::int64_t newest = 0;
  for (const Claim& claim : viewer.claims) newest = std::max(newest, claim.version);
  return newest;
}

void append(Text& text, const Text& more) {
  text.en += more.en;
  text.zh += more.zh;
}

Text line_of(const Viewer& viewer) {
  const std::string count = std::to_string(viewer.claims.size());
  const std::string newest = std::to_string(newest_of(viewer));
  const std::string looked = viewer.looked ? format_time(*viewer.looked) : "";
  return {.en = viewer.name + ": " + count + (count == "1" ? " version" : " versions") +
                ", newest " + newest + (looked.empty() ? "" : ", looked " + looked) + "\n",
          .zh = viewer.name + "：" + count + " 个版本，最新 " + newest +
                (looked.empty() ? "" : "，最近查看 " + looked) + "\n"};
}

Text proof_of(const ForkFound& found) {
  if (!found.is_proven) {
    return {.en =
                "  not proven yet: for a proof, take trust/directory.json from the office's home "
                "and compare with that file\n",
            .zh = "  尚未证实：请取该单位主目录中的 trust/directory.json 作为文件再次比对\n"};
  }
  Text text =
      found.is_one_signer
          ? Text{.en =
                     "  proven: one key of the realm signed both. Anybody who has the root can "
                     "check "
                     "these files:\n",
                 .zh = "  已证实：同一把域密钥签署了两者。持有 root 者均可核验以下文件：\n"}
          : Text{
                .en =
                    "  proven: two keys signed them, both trusted under a root of the realm. Was "
                    "one replaced after a theft? The files:\n",
                .zh = "  已证实：两把受 root 信任的密钥各签其一，可能有一把因被盗已更换。文件：\n"};
  for (const fs::path& file : found.files) {
    append(text, {.en = "    " + file.string() + "\n", .zh = "    " + file.string() + "\n"});
  }
  return text;
}

Text line_of(const ForkFound& found, const std::vector<Viewer>& viewers) {
  const Fork& fork = found.fork;
  const std::string version = std::to_string(fork.version);
  const std::string first = viewers[fork.first].name + " " + start_of(fork.first_directory);
  const std::string second = viewers[fork.second].name + " " + start_of(fork.second_directory);
  Text text{
      .en = "FORK  version " + version + " is two directories: " + first + ", " + second + "\n",
      .zh = "分叉  版本 " + version + " 有两份目录：" + first + "，" + second + "\n"};
  append(text, proof_of(found));
  return text;
}

Text line_of(const Behind& behind, const std::vector<Viewer>& viewers) {
  const std::string& name = viewers[behind.viewer].name;
  const std::string& other = viewers[behind.other].name;
  const std::string newest = std::to_string(behind.newest);
  const std::string version = std::to_string(behind.version), seen = format_time(behind.seen);
  return {.en = "BEHIND  " + name + " is shown version " + newest + " as the newest, but " + other +
                " saw " + version + " at " + seen + ": one of them is shown an old directory, or " +
                "another one\n",
          .zh = "落后  " + name + " 看到的最新版本为 " + newest + "，而 " + other + " 已于 " +
                seen + " 看到 " + version + "：其中一方收到的是旧目录或另一份目录\n"};
}

Text verdict_of(const ExchangeReport& report) {
  const std::string shared = std::to_string(report.comparison.shared);
  if (!report.is_clean()) {
    return {
        .en =
            "Keep all folders and files as they are: they are the proof. Somebody with the realm's "
            "keys shows two directories, or the realm was brought back from an old copy of its "
            "folder. Tell the others and the platform's operator.\n",
        .zh =
            "请原样保存全部目录和文件，它们是证据。有人持域的密钥出示两份目录，或域由其目录的旧副本"
            "恢复。"
            "请通知其他见证方和平台管理员。\n"};
  }
  if (report.viewers.size() > 1 && report.comparison.shared == 0) {
    return {.en =
                "They have no version in common yet, so this shows nothing. Compare again after "
                "the next publish.\n",
            .zh = "尚无共同版本，无法得出结论。请在下次发布之后再次比对。\n"};
  }
  return {.en = "No version is two things; " + shared + " were seen alike.\n",
          .zh = "没有一个版本对应两份目录；" + shared + " 个版本一致。\n"};
}

json::object to_json(const Viewer& viewer, ViewerKind kind) {
  json::object out{{"name", viewer.name},
                   {"kind", name_of(kind)},
                   {"versions", json_count(viewer.claims.size())},
                   {"newest", newest_of(viewer)},
                   {"looked", nullptr}};
  if (viewer.looked) out["looked"] = format_time(*viewer.looked);
  return out;
}

json::object to_json(const ForkFound& found, const std::vector<Viewer>& viewers) {
  const Fork& fork = found.fork;
  json::array files;
  for (const fs::path& file : found.files) files.emplace_back(file.string());
  return {{"version", fork.version},
          {"first", json::object{{"name", viewers[fork.first].name},
                                 {"hash", to_hex(fork.first_directory)}}},
          {"second", json::object{{"name", viewers[fork.second].name},
                                  {"hash", to_hex(fork.second_directory)}}},
          {"proven", found.is_proven},
          {"one_signer", found.is_one_signer},
          {"files", std::move(files)}};
}

}  // namespace

Text words_of(const WatchRound& round, const std::string& url) {
  const std::string version = std::to_string(round.newest.version);
  const std::string hash = start_of(round.newest.directory);
  const std::string added = std::to_string(round.added), size = std::to_string(round.size);
  return {.en = url + " shows version " + version + " of its directory (" + hash + "); " + added +
                " new, " + size + " in all.\n",
          .zh = url + " 当前目录版本为 " + version + "（" + hash + "）；新增 " + added +
                " 个，共 " + size + " 个。\n"};
}

json::object to_json(const WatchRound& round, const fs::path& folder, const std::string& url) {
  return {{"url", url},
          {"version", round.newest.version},
          {"hash", to_hex(round.newest.directory)},
          {"root_version", round.newest.root},
          {"added", json_count(round.added)},
          {"size", json_count(round.size)},
          {"public", (folder / "public").string()}};
}

Text words_of(const ExchangeReport& report) {
  Text text;
  for (const Viewer& viewer : report.viewers) append(text, line_of(viewer));
  for (const ForkFound& fork : report.forks) append(text, line_of(fork, report.viewers));
  for (const Behind& one : report.comparison.behind) append(text, line_of(one, report.viewers));
  append(text, verdict_of(report));
  return text;
}

json::object to_json(const ExchangeReport& report) {
  json::array viewers, forks, behind;
  for (std::size_t i = 0; i < report.viewers.size(); ++i) {
    viewers.push_back(to_json(report.viewers[i], report.kinds[i]));
  }
  for (const ForkFound& fork : report.forks) forks.push_back(to_json(fork, report.viewers));
  for (const Behind& one : report.comparison.behind) {
    behind.push_back(json::object{{"name", report.viewers[one.viewer].name},
                                  {"newest", one.newest},
                                  {"other", report.viewers[one.other].name},
                                  {"version", one.version},
                                  {"seen", format_time(one.seen)}});
  }
  return {{"viewers", std::move(viewers)},
          {"shared", json_count(report.comparison.shared)},
          {"forks", std::move(forks)},
          {"behind", std::move(behind)}};
}

}  // namespace rootlet::platform
