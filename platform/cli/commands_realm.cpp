// The commands init and verify.
#include <unistd.h>

#include "core/file/owner.hpp"
#include "platform/cli/bucket/bucket_options.hpp"
#include "platform/cli/cli.hpp"
#include "platform/cli/text/fork_text.hpp"
#include "platform/intake/intake_session.hpp"
#include "platform/migration/migration.hpp"
#include "platform/office/realm_init.hpp"
#include "platform/publish/verification.hpp"
#include "platform/repository/role_ends.hpp"
#include "platform/store/database_address.hpp"
#include "platform/witness/public_folder.hpp"

namespace rootlet::platform {
namespace {

struct GivenPassphrases {
  Passphrases words;
  bool generated = false;
};

Result<GivenPassphrases> obtain_passphrases(const CommandRun& run) {
  GivenPassphrases given;
  if (run.arguments.has("passphrase-file")) {
    ROOTLET_TRY(given.words, read_passphrases(run.arguments.value("passphrase-file")));
  } else if (::isatty(STDIN_FILENO) == 1) {
    ROOTLET_TRY(given.words, ask_passphrases());
  } else {
    given = {random_passphrases(), true};
  }
  return given;
}

Status report_init(const CommandRun& run, const std::string& realm_id,
                   const GivenPassphrases& passphrases) {
  const std::string folder = run.arguments.value("DIR"), name = run.arguments.value("name");
  json::object report{{"realm", realm_id},
                      {"name", name},
                      {"folder", folder},
                      {"url", run.arguments.value("url", std::string(kDefaultUrl))}};
  std::string text = "Realm " + realm_id + " (" + name + ") is in " + folder + ".\n";
  if (passphrases.generated) {
    report["passphrases"] = json_texts({passphrases.words.begin(), passphrases.words.end()});
    text +=
        "\nThe passphrases of the three root keys. They are shown this once and stored nowhere:\n";
    for (std::size_t i = 0; i < kRootKeys; ++i) {
      text += "  keys/root-" + std::to_string(i + 1) + ".json   " + passphrases.words[i] + "\n";
    }
  }
  text += "\nTwo of the three root keys can change what the realm trusts. Move each file in " +
          folder +
          "/keys\nto another safe place, apart from its passphrase; daily work needs none of "
          "them.\n";
  return run.output.report(report, text);
}

Result<std::optional<Bucket>> wanted_bucket(const Arguments& arguments) {
  const std::string place = arguments.value("repository", "folder");
  if (place == "folder") return std::optional<Bucket>();
  ROOTLET_TRY(Bucket bucket, bucket_of(arguments));
  ROOTLET_TRY(load_s3_keys());
  return std::optional<Bucket>(std::move(bucket));
}

// The realm is made; without its bucket it is one with a folder.
Status fill_bucket(const CommandRun& run, const Bucket& bucket) {
  ROOTLET_TRY(Realm realm, Realm::open(run.arguments.value("DIR"), run.signing_clock()));
  const UrlCheck check = run.arguments.has("no-url-check") ? UrlCheck::kNo : UrlCheck::kYes;
  const Result<MoveReport> moved = move_to_bucket(realm, bucket, check, run.clock);
  if (!moved.has_error()) return ok();
  Error error = within("the realm is made, but not in its bucket yet", moved.error());
  error.hint = {.en =
                    "Run \"rootlet-platform realm migrate\" with the same --repository and "
                    "--s3-endpoint. " +
                    error.hint.en,
                .zh =
                    "请用相同的 --repository 和 --s3-endpoint 运行 rootlet-platform realm "
                    "migrate。" +
                    error.hint.zh};
  return error;
}

Status run_init(const CommandRun& run) {
  RealmInitOptions options{.name = run.arguments.value("name"), .url = run.arguments.value("url")};
  if (!options.url.empty()) {
    ROOTLET_TRY(check_url(options.url, "url"));
  }
  options.database = run.arguments.value("database");
  if (!options.database.empty()) {
    ROOTLET_TRY(parse_database_address(options.database));
  }
  if (options.name.empty() || !is_utf8(options.name)) {
    return bad_input("name: a realm needs a name", "name");
  }
  ROOTLET_TRY(const std::int64_t days, run.arguments.number("timestamp-days", 1, 365, 7));
  options.timestamp_days = static_cast<int>(days);
  ROOTLET_TRY(const std::optional<Bucket> bucket, wanted_bucket(run.arguments));
  ROOTLET_TRY(const GivenPassphrases passphrases, obtain_passphrases(run));
  // The passphrases are read; the realm belongs to the owner of the folder that it is made in.
  std::error_code failed;
  const fs::path folder = fs::absolute(run.arguments.value("DIR"), failed);
  if (failed) return bad_input("DIR: " + failed.message(), "DIR");
  ROOTLET_TRY(act_as_owner_of(folder));
  ROOTLET_TRY(const std::string realm_id,
              init_realm(run.arguments.value("DIR"), options, passphrases.words, run.now()));
  ROOTLET_TRY(report_init(run, realm_id, passphrases));
  return bucket.has_value() ? fill_bucket(run, *bucket) : ok();
}

Text warning_of(const ForeignDirectory& one) {
  const std::string version = std::to_string(one.seen.version);
  const std::string hash = to_hex(one.seen.hash).substr(0, 12);
  return {.en = "office " + one.office + " was shown a directory " + version + " (" + hash +
                ") that this realm did not publish: somebody with its keys shows offices another "
                "one, or the realm was restored from an older copy. If keys may be stolen: "
                "rootlet-platform recover",
          .zh = "单位 " + one.office + " 收到的目录 " + version + "（" + hash +
                "）并非本域发布：有人持密钥向单位出示另一份目录，或本域由较旧副本恢复。如密钥可能"
                "被盗：rootlet-platform recover"};
}

json::array json_foreign(const std::vector<ForeignDirectory>& foreign) {
  json::array list;
  for (const ForeignDirectory& one : foreign) {
    list.push_back(json::object{{"office", one.office},
                                {"version", one.seen.version},
                                {"hash", to_hex(one.seen.hash)},
                                {"at", format_time(one.at)}});
  }
  return list;
}

// What a witness was shown and this realm has not published.
struct ForeignSighting {
  std::string witness;
  Sighting seen;
};

Result<std::vector<Witnessed>> given_witnesses(const CommandRun& run) {
  std::vector<Witnessed> witnesses;
  for (const std::string& path : run.arguments.values("witness")) {
    ROOTLET_TRY(Witnessed witness, load_witnessed(path));
    witnesses.push_back(std::move(witness));
  }
  return witnesses;
}

Result<std::vector<ForeignSighting>> foreign_sightings(IntakeSession& session,
                                                       const std::vector<Witnessed>& witnesses) {
  std::vector<ForeignSighting> foreign;
  for (const Witnessed& witness : witnesses) {
    for (const Sighting& one : witness.seen) {
      ROOTLET_TRY(const bool is_ours,
                  session.has_published({.version = one.version, .hash = one.directory}));
      if (!is_ours) foreign.push_back({witness.witness.name, one});
    }
  }
  return foreign;
}

Text warning_of(const ForeignSighting& one) {
  const std::string version = std::to_string(one.seen.version);
  const std::string hash = to_hex(one.seen.directory).substr(0, 12);
  return {.en = "witness " + one.witness + " was shown a directory " + version + " (" + hash +
                ") that this realm did not publish: somebody with its keys shows another one, or "
                "the realm was restored from an older copy",
          .zh = "见证方 " + one.witness + " 收到的目录 " + version + "（" + hash +
                "）并非本域发布：有人持密钥出示另一份目录，或本域由较旧副本恢复"};
}

json::array json_foreign(const std::vector<ForeignSighting>& foreign) {
  json::array list;
  for (const ForeignSighting& one : foreign) {
    list.push_back(json::object{{"witness", one.witness},
                                {"version", one.seen.version},
                                {"hash", to_hex(one.seen.directory)},
                                {"at", format_time(one.seen.at)}});
  }
  return list;
}

Status run_verify(const CommandRun& run) {
  ROOTLET_TRY(const std::vector<Witnessed> witnesses, given_witnesses(run));
  ROOTLET_TRY(const fs::path folder, run.enter_realm());
  ROOTLET_TRY(Realm realm, Realm::open(folder, run.signing_clock()));
  ROOTLET_TRY(const FileLock lock, lock_realm(realm.folder()));
  ROOTLET_TRY(const Verification found, verify_realm(realm, run.clock));
  std::string text =
      std::to_string(found.datasets) + " datasets, " + std::to_string(found.streams) +
      " streams, " + std::to_string(found.rows) + " rows, " + std::to_string(found.packs) +
      " packs, " + std::to_string(found.grants) + " grants, " + std::to_string(found.metadata) +
      " metadata files: " +
      (found.problems.empty() ? "everything is as it was published.\n"
                              : std::to_string(found.problems.size()) + " problems.\n");
  for (const std::string& problem : found.problems) text += "  " + problem + "\n";
  ROOTLET_TRY(const std::vector<RoleEnd> ends, role_ends(realm.serving()));
  std::vector<std::string> warnings;
  for (const Text& warning : end_warnings(ends, run.now())) {
    warnings.push_back(run.output.words(warning));
    text += "  " + warnings.back() + "\n";
  }
  ROOTLET_TRY(const std::unique_ptr<IntakeSession> session,
              IntakeSession::open(RealmFolder{folder}.intake(), RealmFolder{folder}.serving()));
  ROOTLET_TRY(session->validate(run.now()));  // what offices saw goes along with their records
  ROOTLET_TRY(const std::vector<ForkEntry> forks, session->intake().forks());
  text += forks_text(forks, run.output.language);
  ROOTLET_TRY(const std::vector<ForeignDirectory> foreign, session->intake().foreign_directories());
  for (const ForeignDirectory& one : foreign) {
    warnings.push_back(run.output.words(warning_of(one)));
    text += "  " + warnings.back() + "\n";
  }
  ROOTLET_TRY(const std::vector<ForeignSighting> sightings, foreign_sightings(*session, witnesses));
  for (const ForeignSighting& one : sightings) {
    warnings.push_back(run.output.words(warning_of(one)));
    text += "  " + warnings.back() + "\n";
  }
  ROOTLET_TRY(run.output.report(json::object{{"ok", found.problems.empty()},
                                             {"datasets", json_count(found.datasets)},
                                             {"streams", json_count(found.streams)},
                                             {"rows", json_count(found.rows)},
                                             {"packs", json_count(found.packs)},
                                             {"grants", json_count(found.grants)},
                                             {"metadata", json_count(found.metadata)},
                                             {"problems", json_texts(found.problems)},
                                             {"warnings", json_texts(warnings)},
                                             {"foreign_directories", json_foreign(foreign)},
                                             {"foreign_sightings", json_foreign(sightings)},
                                             {"forks", json_forks(forks)}},
                                text));
  if (!found.problems.empty()) {
    return fail(ErrorCode::kStorageDamaged, "verify: " + found.problems.front());
  }
  return warnings.empty() ? ok() : Status(fail(ErrorCode::kUntrusted, warnings.front()));
}

std::vector<OptionSpec> init_options() {
  std::vector<OptionSpec> options = {
      {.name = "name",
       .value_name = "N",
       .help = {.en = "what people call the realm", .zh = "域的名称"},
       .is_required = true},
      {.name = "url",
       .value_name = "URL",
       .help = {.en = "where offices reach the gateway; else serve sets it",
                .zh = "各单位访问网关的地址；未指定时由 serve 确定"}},
      {.name = "database",
       .value_name = "ADDRESS",
       .help = {.en = "keep the tables in PostgreSQL: postgres://USER@HOST/DATABASE; without it "
                      "in DIR",
                .zh = "将各表存于 PostgreSQL：postgres://用户@主机/数据库；未指定时存于 DIR"}},
      {.name = "timestamp-days",
       .value_name = "N",
       .help = {.en = "how long offices trust the newest state without contact (7)",
                .zh = "失去联系后仍信任最新状态的天数（默认 7）"}},
      {.name = "passphrase-file",
       .value_name = "F",
       .help = {.en = "three passphrases, a line each, or one for all",
                .zh = "口令文件：三行各一个，或一行共用"},
       .type = ValueType::kFile}};
  for (OptionSpec& option : bucket_options()) options.push_back(std::move(option));
  return options;
}

}  // namespace

std::vector<Command> realm_commands() {
  return {
      {.name = "init",
       .summary = {.en = "Make a realm: its keys, its registry, an empty signed repository",
                   .zh = "新建域：密钥、登记库和空的签名仓库"},
       .details = {.en = "Makes three root keys, each in its own file in DIR/keys under its own "
                         "passphrase; two of them can change what the realm trusts. Reads the "
                         "passphrases from a file of three lines (or one line for all three), or "
                         "asks for them on a terminal. Without either it makes three and shows "
                         "them once.",
                   .zh =
                       "生成三把根密钥，各存于 DIR/keys 下的一个文件，各有口令；任意两把即可变更域"
                       "的信任关系。口令从文件读取（三行各一个，或一行共用），或在终端输入；"
                       "两者皆无时自动生成，只显示一次。"},
       .example = {.en = "rootlet-platform init /srv/realm --name \"Example county\" --url "
                         "https://sync.example",
                   .zh = "rootlet-platform init /srv/realm --name 示例县 --url "
                         "https://sync.example"},
       .positionals = {{.name = "DIR", .type = ValueType::kFolder}},
       .options = init_options(),
       .run = with_clock(run_init)},
      {.name = "verify",
       .summary = {.en = "Check everything that is published, from the rows to the signatures",
                   .zh = "核查已发布的全部内容，从数据行到签名"},
       .details = {.en = "Recomputes every digest from the rows, opens every pack, compares every "
                         "file with the registry, and reads the repository as a new office would. "
                         "Exit 6 names what is wrong; exit 4 says that a "
                         "signature is near its end, or that somebody was shown a directory that "
                         "this realm did not publish.",
                   .zh = "由数据行重新计算全部摘要，打开全部数据包，逐一比对文件与登记库，"
                         "并以新单位的方式读取仓库。有误时退出码为 6，并指明问题；签名临近到期，"
                         "或有人收到并非本域发布的目录时，退出码为 4。"},
       .example = {.en = "rootlet-platform verify\n"
                         "rootlet-platform verify --witness seen"},
       .options = {{.name = "witness",
                    .value_name = "DIR",
                    .help = {.en = "also what this witness saw: its folder, or a copy of its "
                                   "DIR/public",
                             .zh = "同时核对该见证方所见：其目录或 DIR/public 的副本"},
                    .may_repeat = true,
                    .type = ValueType::kFolder}},
       .run = with_clock(run_verify)}};
}

}  // namespace rootlet::platform
