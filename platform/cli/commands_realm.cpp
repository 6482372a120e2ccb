// init and verify.
#include <unistd.h>

#include "platform/cli/command.hpp"
#include "platform/cli/print.hpp"
#include "platform/office/realm_init.hpp"
#include "platform/publish/verification.hpp"

namespace rootlet::platform {
namespace {

struct GivenPassphrases {
  Passphrases words;
  bool generated = false;
};

Result<GivenPassphrases> obtain_passphrases(const CommandInput& input) {
  GivenPassphrases given;
  if (input.has("passphrase-file")) {
    ROOTLET_TRY(given.words, read_passphrases(input.text("passphrase-file")));
  } else if (::isatty(STDIN_FILENO) == 1) {
    ROOTLET_TRY(given.words, ask_passphrases());
  } else {
    given = {random_passphrases(), true};
  }
  return given;
}

void report_init(const CommandInput& input, const std::string& realm_id,
                 const GivenPassphrases& passphrases) {
  const std::string folder = input.text("DIR");
  if (input.json()) {
    json::object report{{"realm", realm_id},
                        {"name", input.text("name")},
                        {"folder", folder},
                        {"url", input.text("url", std::string(kDefaultUrl))}};
    if (passphrases.generated) {
      report["passphrases"] = json_texts({passphrases.words.begin(), passphrases.words.end()});
    }
    return print_json(report);
  }
  print_text("Realm " + realm_id + " (" + input.text("name") + ") is in " + folder + ".\n");
  if (passphrases.generated) {
    print_text(
        "\nThe passphrases of the three root keys. They are shown this once and stored nowhere:\n");
    for (std::size_t i = 0; i < kRootKeys; ++i) {
      print_text("  keys/root-" + std::to_string(i + 1) + ".json   " + passphrases.words[i] + "\n");
    }
  }
  print_text(
      "\nTwo of the three root keys can change what the realm trusts. Move each file in " + folder +
      "/keys\nto another safe place, apart from its passphrase; daily work needs none of them.\n");
}

Status run_init(const CommandInput& input) {
  RealmInitOptions options{.name = input.text("name"), .url = input.text("url")};
  if (!options.url.empty()) {
    ROOTLET_TRY(check_url(options.url, "url"));
  }
  if (options.name.empty() || !is_utf8(options.name)) {
    return bad_input("name: a realm needs a name", "name");
  }
  ROOTLET_TRY(options.timestamp_days, input.number("timestamp-days", 1, 365, 7));
  ROOTLET_TRY(const GivenPassphrases passphrases, obtain_passphrases(input));
  ROOTLET_TRY(const std::string realm_id,
              init_realm(input.text("DIR"), options, passphrases.words, input.now()));
  report_init(input, realm_id, passphrases);
  return ok();
}

Status run_verify(const CommandInput& input) {
  ROOTLET_TRY(Realm realm, input.open_realm());
  ROOTLET_TRY(const FileLock lock, lock_realm(realm.folder()));
  ROOTLET_TRY(const Verification found, verify_realm(realm, input.clock()));
  if (input.json()) {
    print_json(json::object{{"ok", found.problems.empty()},
                            {"datasets", json_count(found.datasets)},
                            {"streams", json_count(found.streams)},
                            {"rows", json_count(found.rows)},
                            {"packs", json_count(found.packs)},
                            {"grants", json_count(found.grants)},
                            {"metadata", json_count(found.metadata)},
                            {"problems", json_texts(found.problems)}});
  } else {
    print_text(std::to_string(found.datasets) + " datasets, " + std::to_string(found.streams) +
               " streams, " + std::to_string(found.rows) + " rows, " + std::to_string(found.packs) +
               " packs, " + std::to_string(found.grants) + " grants, " +
               std::to_string(found.metadata) + " metadata files: " +
               (found.problems.empty() ? "everything is as it was published.\n"
                                       : std::to_string(found.problems.size()) + " problems.\n"));
    for (const std::string& problem : found.problems) print_text("  " + problem + "\n");
  }
  if (found.problems.empty()) return ok();
  return fail(ErrorCode::kStorageDamaged, "verify: " + found.problems.front());
}

}  // namespace

std::vector<Command> realm_commands() {
  return {
      {.name = "init",
       .arguments = {"DIR"},
       .summary = "Make a realm: its keys, its registry, an empty signed repository.",
       .details = "Three root keys are made, each in its own file in DIR/keys under its own "
                  "passphrase; two of them\n"
                  "can change what the realm trusts. Passphrases are asked for on a terminal, or "
                  "read from a file\n"
                  "of three lines (or one line for all three). Without either, three are made and "
                  "shown once.",
       .example =
           "rootlet-platform init /srv/realm --name \"Example county\" --url https://sync.example",
       .options =
           {{"name", "N", "what people call the realm", true},
            {"url", "URL", "where offices reach the gateway; serve tells it otherwise", false},
            {"timestamp-days", "N", "how long offices trust the newest state unseen (7)", false},
            {"passphrase-file", "F", "three passphrases, a line each, or one for all", false}},
       .run = run_init},
      {.name = "verify",
       .arguments = {},
       .summary = "Check everything that is published, from the rows to the signatures.",
       .details = "Recomputes every digest from the rows, opens every pack, compares every file "
                  "with the registry, and\n"
                  "reads the repository as a new office would. Exit 6 names what is wrong.",
       .example = "rootlet-platform --realm /srv/realm verify",
       .options = {},
       .run = run_verify}};
}

}  // namespace rootlet::platform
