// One check_ function per subject, in the order of the report.
#include "agent/service/doctor.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include "agent/care/read_cache.hpp"
#include "agent/channel/answer.hpp"
#include "agent/ledger/ledger.hpp"
#include "agent/office/enroll.hpp"
#include "agent/office/office.hpp"
#include "agent/service/forks.hpp"
#include "config/output/message_text.hpp"
#include "config/output/readable.hpp"
#include "config/realm_places.hpp"
#include "sync/downlink/plan.hpp"
#include "sync/trust/client/tuf_client.hpp"

namespace rootlet::agent {
namespace {

constexpr std::uint64_t kLittleSpace =
    200 * limits::kMiB;  // room for a national table and its write-ahead log
constexpr std::chrono::seconds kClockTolerance{300};
constexpr std::chrono::seconds kLinkTime{20};

// keys.db, outbox.db and ledger.db hold what nobody can fetch again.
Text irreplaceable_advice() {
  return {.en =
              "Nothing rebuilds this file: copy the home folder before anything else is done, and "
              "check the disk. What the damage did not reach can still be read.",
          .zh = "该文件不能自动重建：请先复制整个主目录，再检查磁盘。未损坏的部分仍可读取。"};
}

// The findings, in the order of the checks.
class Findings {
 public:
  void good(std::string_view name, Text words) { add(name, "ok", std::move(words), {}); }
  void note(std::string_view name, Text words) { add(name, "note", std::move(words), {}); }
  void wrong(std::string_view name, const Error& error) {
    const bool is_lasting = error.code == ErrorCode::kStorageDamaged;
    const Text advice = is_lasting ? irreplaceable_advice() : advice_for(error.code);
    wrong(name, error.code, Text{.en = error.message, .zh = error_text(error, Language::kChinese)},
          error.hint.empty() ? advice : error.hint);
  }
  void wrong(std::string_view name, ErrorCode code, Text words, const Text& advice) {
    if (exit_code_ == 0) exit_code_ = exit_code_of(code);
    add(name, "wrong", std::move(words), advice);
  }
  json::object finish() {
    return {
        {"healthy", exit_code_ == 0}, {"exit_code", exit_code_}, {"checks", std::move(checks_)}};
  }

 private:
  void add(std::string_view name, std::string_view state, Text words, const Text& advice) {
    checks_.push_back(json::object{
        {"name", name}, {"state", state}, {"words", to_json(words)}, {"advice", to_json(advice)}});
  }
  json::array checks_;
  int exit_code_ = 0;
};

// False if the home cannot be used, so that later checks are pointless.
bool check_home(const AgentContext& context, Findings& findings) {
  const std::string path = context.home.folder().string();
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0 && errno == ENOENT) {
    findings.note("home", {.en = path + " does not exist yet; enrolment makes it",
                           .zh = path + " 尚不存在，注册时会创建"});
    return false;
  }
  if (::access(path.c_str(), R_OK | W_OK | X_OK) != 0) {
    findings.wrong("home", errno_error("open home", path));
    return false;
  }
  if ((info.st_mode & 077) != 0 || info.st_uid != ::geteuid()) {
    findings.wrong("home", fail(ErrorCode::kStorage,
                                path + ": must belong to the agent's user alone, mode 0700"));
    return false;
  }
  findings.good("home", {.en = path + " is private", .zh = path + " 仅本程序用户可访问"});
  return true;
}

void check_disk(const AgentContext& context, Findings& findings) {
  std::error_code failed;
  const fs::space_info space = fs::space(context.home.folder(), failed);
  if (failed) return;
  const std::string left = format_bytes(space.available);
  if (space.available < kLittleSpace) {
    findings.wrong("disk", fail(ErrorCode::kStorageFull, "only " + left + " are free"));
  } else {
    findings.good("disk", {.en = left + " free", .zh = "剩余空间 " + left});
  }
}

enum class Enrolled { kNo, kYes };

// Before enrolment there is nothing to sync; after it, a missing daemon stops the whole office.
void check_daemon(DaemonState daemon, Enrolled enrolled, const Settings& settings,
                  Findings& findings) {
  if (daemon == DaemonState::kRunning) {
    return findings.good("daemon", {.en = "running", .zh = "后台程序正在运行"});
  }
  if (enrolled == Enrolled::kNo) {
    return findings.note(
        "daemon", {.en = "not running; enrolment comes first", .zh = "后台程序未运行；请先注册"});
  }
  const bool silent = daemon == DaemonState::kSilent;
  const std::string command = start_command(settings.realm, settings.home);
  findings.wrong("daemon", ErrorCode::kUnreachable,
                 {.en = silent ? "its socket is there, but the daemon does not answer"
                               : "not running: nothing is fetched and no record is sent",
                  .zh = silent ? "套接字存在，但后台程序没有响应"
                               : "后台程序未运行：不会获取更新，也不会发送记录"},
                 {.en = "Data and records are kept. Start it: " + command,
                  .zh = "数据和记录都已保留。启动命令：" + command});
}

void check_clock(const Office& office, const Clock& clock, Findings& findings) {
  const TrustedTime time = office.time();
  if (clock.wall() + kClockTolerance < time.floor) {
    findings.wrong(
        "clock", fail(ErrorCode::kStorage, "the machine's clock says " + format_time(clock.wall()) +
                                               ", it is at least " + format_time(time.floor)));
  } else {
    findings.good("clock", {.en = format_time(clock.wall()), .zh = format_time(clock.wall())});
  }
}

void check_trust(const Office& office, Findings& findings) {
  const Result<TufStanding> standing =
      TufClient::standing(office.home().trust(), office.time().now);
  if (standing.has_error()) {
    findings.note("trust", {.en = "missing or damaged; the next sync begins again with the root in "
                                  "keys.db",
                            .zh = "缺失或损坏；下次同步将以 keys.db 中的根重新开始"});
  } else if (standing.value().timestamp_version == 0) {
    findings.note("trust", {.en = "nothing fetched yet", .zh = "尚未获取任何发布内容"});
  } else if (!standing.value().is_fresh) {
    findings.wrong("trust", fail(ErrorCode::kUnreachable,
                                 "the platform's metadata expired at " +
                                     format_time(standing.value().timestamp_expires) +
                                     "; reading still works, updates wait for newer metadata"));
  } else {
    const std::string until = format_time(standing.value().timestamp_expires);
    findings.good("trust", {.en = "fresh until " + until, .zh = "有效至 " + until});
  }
}

// Weeks before a signature of the platform ends, so that its operator hears of it from offices too.
void note_ends(const Office& office, Findings& findings) {
  const UnixTime now = office.time().now;
  const Result<TufStanding> standing = TufClient::standing(office.home().trust(), now);
  if (standing.has_error()) return;
  for (const RoleEnd& end : standing.value().ends) {
    if (decide_end(end, now) != EndState::kNear) continue;
    const std::string when = format_time(end.expires);
    findings.note("trust", {.en = "the platform's signature of role " + end.role + " ends at " +
                                  when + "; tell the platform's operator if it stays so",
                            .zh = "平台角色 " + end.role + " 的签名将于 " + when +
                                  " 到期；若一直未续签，请通知平台管理员"});
  }
}

void check_link(const Office& office, const Settings& settings, Findings& findings) {
  const Invitation& invitation = office.identity().invitation;
  HttpOptions options = http_options(settings, invitation);
  options.connect_time = kLinkTime;
  HttpClient client(options);
  HttpRequest request;
  request.url =
      join_url(repository_address(settings, invitation, office.home()), "metadata/timestamp.json");
  request.max_bytes = limits::kTimestampBytes;
  request.total_time = kLinkTime;
  const Result<HttpResponse> response = client.send(request);
  if (response.has_error()) {
    findings.wrong("link", response.error());
  } else if (response.value().status != 200) {
    findings.wrong("link",
                   fail(ErrorCode::kUnreachable, "the platform answered with HTTP status " +
                                                     std::to_string(response.value().status)));
  } else {
    findings.good("link", {.en = "the platform answers", .zh = "平台可访问"});
  }
}

// True if the platform's catalogue is here and has no partition that the grant covers.
bool covers_no_data(Office& office, const Grant& grant) {
  Result<std::optional<DatasetReader>> directory = office.open_directory();
  if (directory.has_error() || !directory.value().has_value()) return false;
  DirectoryView catalogue(directory.value()->database());
  Result<std::vector<StreamHead>> heads = catalogue.heads(grant.dataset);
  return heads.has_value() && granted_heads(grant, std::move(heads).value()).empty();
}

void check_streams(const std::string& name, const std::vector<HeldStream>& streams,
                   const Lease& lease, Findings& findings) {
  std::string unequal;
  for (const HeldStream& stream : streams) {
    if (stream.state == StreamState::kGood) continue;
    unequal += (unequal.empty() ? "" : ", ") + stream.partition;
  }
  if (unequal.empty()) {
    const std::string until = format_time(lease.until);
    return findings.good(name,
                         {.en = "opens, lease until " + until, .zh = "可以打开，租期至 " + until});
  }
  findings.wrong(name, ErrorCode::kStorageDamaged,
                 {.en = "rows are not those that were signed: " + unequal,
                  .zh = "数据与签名的摘要不一致：" + unequal},
                 rebuild_advice());
}

void check_datasets(Office& office, Findings& findings) {
  for (const Grant& grant : office.grants().grants) {
    const std::string name = "dataset " + grant.dataset;
    const Lease lease = office.lease_of(grant.dataset);
    const Status open = check_lease(lease, grant.dataset);
    if (open.has_error()) {
      findings.wrong(name, open.error());
      continue;
    }
    if (covers_no_data(office, grant)) {
      findings.note(name, {.en = "this grant covers no data yet: nothing is published for " +
                                 joined(grant.divisions, ", ") + "; ask the platform's operator",
                           .zh = "此授权目前不含任何数据：" + joined(grant.divisions, ", ") +
                                 " 尚无已发布的数据，请联系平台运维人员"});
      continue;
    }
    const Result<std::optional<std::vector<HeldStream>>> streams = read_held_dataset(
        office, grant.dataset, [](DatasetReader& reader) { return reader.streams(); });
    if (streams.has_error()) {
      findings.wrong(name, streams.error());
    } else if (!streams.value()) {
      findings.note(name, {.en = "has not arrived yet", .zh = "数据尚未到达"});
    } else {
      check_streams(name, *streams.value(), lease, findings);
    }
  }
}

void check_directory(Office& office, Findings& findings) {
  const Result<std::optional<Version>> version =
      read_directory(office, [](DirectoryView& view) { return view.version(); });
  if (version.has_error()) {
    findings.wrong("directory", version.error());
  } else if (!version.value()) {
    findings.note("directory", {.en = "has not arrived yet", .zh = "目录尚未到达"});
  } else {
    const std::string number = std::to_string(*version.value());
    findings.good("directory",
                  {.en = "opens, version " + number, .zh = "可以打开，版本 " + number});
  }
}

// Damage that a check or a reader has met before, and that the checks above do not meet again.
void check_damage_notes(Office& office, Findings& findings) {
  const Result<std::vector<DamageNote>> notes = damage_notes(office.keys());
  if (notes.has_error()) return findings.wrong("damage", notes.error());
  for (const DamageNote& note : notes.value()) {
    const std::string found = format_time(note.found);
    findings.wrong("damage", ErrorCode::kStorageDamaged,
                   {.en = note.cache + " is damaged, found at " + found + ": " + note.what,
                    .zh = note.cache + " 已损坏，发现于 " + found + "：" + note.what},
                   rebuild_advice());
  }
}

void check_files(Office& office, std::int64_t pages_per_file, Findings& findings) {
  const Result<std::vector<PageCheck>> checks = check_pages(office, pages_per_file);
  if (checks.has_error()) return findings.wrong("pages", checks.error());
  std::int64_t checked = 0, all = 0;
  for (const PageCheck& check : checks.value()) {
    checked += check.checked;
    all += check.pages;
    if (check.trouble && !check.is_cache) {
      findings.wrong("pages", *check.trouble);
    }
  }
  const std::string read = std::to_string(checked), of = std::to_string(all);
  findings.good("pages", {.en = read + " of " + of + " pages on disk read",
                          .zh = "已读取磁盘上 " + of + " 页中的 " + read + " 页"});
}

void check_erasures(Office& office, Findings& findings) {
  const Result<bool> waits = office.keys().has_unfinished_erasures();
  if (waits.has_error()) return findings.wrong("erasure", waits.error());
  if (!waits.value()) return;
  findings.note("erasure", {.en = "a destroyed key may still lie in the log of keys.db; the next "
                                  "cycle overwrites it",
                            .zh = "已销毁的密钥可能仍在 keys.db 的日志中，下个周期会覆盖"});
}

void check_loss(const Office& office, Findings& findings) {
  if (office.loss().record.empty()) return;
  findings.wrong("lost", machine_is_lost());
}

void check_copy(const Office& office, Findings& findings) {
  const CopyLock& lock = office.copy_lock();
  if (!lock.is_set()) return;
  Error error = home_is_a_copy();
  error.message += ", since " + format_time(lock.since) + ": " + lock.why;
  findings.wrong("anchor", error);
}

void check_forks(const Office& office, const std::vector<ChainSummary>& chains,
                 Findings& findings) {
  const std::size_t forks = forks_json(chains).size();
  if (forks == 0) return;
  if (has_recent_fork(chains, office.time().now)) {
    findings.wrong("forks", ErrorCode::kFork, fork_words(forks), fork_advice());
  } else {
    findings.note("forks", fork_words(forks));
  }
}

void check_outbox(Office& office, Findings& findings) {
  Result<Outbox> outbox = check_outbox(office.home(), office.keys(), office.time().now);
  if (outbox.has_error()) return findings.wrong("outbox", outbox.error());
  const Result<OutboxCounts> counts = outbox.value().counts();
  if (counts.has_error()) return findings.wrong("outbox", counts.error());
  const Result<std::vector<ChainSummary>> chains = outbox.value().chains();
  if (chains.has_error()) return findings.wrong("outbox", chains.error());
  check_forks(office, chains.value(), findings);
  const std::string waiting = std::to_string(counts.value().of(RecordState::kSaved) +
                                             counts.value().of(RecordState::kSealed));
  const std::int64_t returned = counts.value().of(RecordState::kReturned);
  if (counts.value().too_large > 0) {
    findings.wrong("outbox", fail(ErrorCode::kUnreachable,
                                  std::to_string(counts.value().too_large) +
                                      " records are too large for a proxy on the link: see "
                                      "`rootlet outbox list`"));
  } else if (returned > 0) {
    const std::string count = std::to_string(returned);
    findings.note("outbox", {.en = count + " returned records wait for correction",
                             .zh = count + " 条记录被退回，待改正"});
  } else {
    findings.good("outbox",
                  {.en = waiting + " records wait to be sent", .zh = waiting + " 条记录待发送"});
  }
}

void check_ledger(Office& office, Findings& findings) {
  Result<Ledger> ledger = Ledger::open(office.home(), office.keys());
  if (ledger.has_error()) return findings.wrong("ledger", ledger.error());
  const Result<LedgerCheck> check = ledger.value().verify();
  if (check.has_error()) return findings.wrong("ledger", check.error());
  const std::string count = std::to_string(check.value().entries);
  if (!check.value().gaps.empty()) {
    return findings.note("ledger", {.en = count + " entries; earlier ones were lost, and the loss "
                                                  "was accepted: `rootlet ledger verify`",
                                    .zh = count + " 条；此前有条目丢失，已确认：rootlet ledger "
                                                  "verify"});
  }
  findings.good("ledger",
                {.en = count + " entries, the chain is intact", .zh = count + " 条，链条完整"});
}

void check_enrolled_office(const AgentContext& context, Office& office, DaemonState daemon,
                           std::int64_t pages_per_file, Findings& findings) {
  const Invitation& invitation = office.identity().invitation;
  const std::string who = invitation.office_id + " (" + invitation.office_name + ")";
  findings.good("enrolment", {.en = "office " + who, .zh = "单位 " + who});
  check_daemon(daemon, Enrolled::kYes, context.settings, findings);
  check_clock(office, *context.clock, findings);
  check_link(office, context.settings, findings);
  check_trust(office, findings);
  note_ends(office, findings);
  check_directory(office, findings);
  check_datasets(office, findings);
  check_outbox(office, findings);
  check_ledger(office, findings);
  check_files(office, pages_per_file, findings);
  check_damage_notes(office, findings);
  check_erasures(office, findings);
  check_loss(office, findings);
  check_copy(office, findings);
}

void note_not_enrolled(Findings& findings) {
  findings.note("enrolment", {.en = "not enrolled yet: run `rootlet enroll FILE`",
                              .zh = "尚未注册：请运行 rootlet enroll FILE"});
}

void check_office(const AgentContext& context, DaemonState daemon, std::int64_t pages_per_file,
                  Findings& findings) {
  Result<Office> opened = Office::open(context);
  if (opened.has_value()) {
    findings.good("keys", {.en = "the machine key opens the home", .zh = "机器密钥可用"});
    const Status enrolled = require_enrolled(opened.value().identity());
    if (enrolled.has_value()) {
      return check_enrolled_office(context, opened.value(), daemon, pages_per_file, findings);
    }
    findings.wrong("enrolment", enrolled.error());
  } else if (opened.error().code == ErrorCode::kNotEnrolled) {
    note_not_enrolled(findings);
  } else {
    findings.wrong("keys", opened.error());
  }
  check_daemon(daemon, Enrolled::kNo, context.settings, findings);
}

}  // namespace

json::object run_doctor(const AgentContext& context, DaemonState daemon,
                        std::int64_t pages_per_file) {
  Findings findings;
  if (check_home(context, findings)) {
    check_disk(context, findings);
    check_office(context, daemon, pages_per_file, findings);
    return findings.finish();
  }
  std::error_code ignored;
  const bool exists = fs::exists(context.home.folder(), ignored);
  if (!exists) note_not_enrolled(findings);
  // A home that this user may not open is somebody's office.
  check_daemon(daemon, exists ? Enrolled::kYes : Enrolled::kNo, context.settings, findings);
  return findings.finish();
}

}  // namespace rootlet::agent
