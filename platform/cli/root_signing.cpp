// Files that the caller named are opened before the realm is entered, as its owner.
#include "platform/cli/root_signing.hpp"

#include <unistd.h>

#include "core/file/output_file.hpp"
#include "platform/realm/root_keys.hpp"

namespace rootlet::platform {
namespace {

// Those still in the realm's folder.
std::vector<fs::path> files_in_realm(const Realm& realm) {
  std::vector<fs::path> files;
  std::error_code ignored;
  for (fs::directory_iterator at(realm.folder().keys(), ignored), end; !ignored && at != end;
       at.increment(ignored)) {
    const std::string name = at->path().filename().string();
    if (name.starts_with("root-") && name.ends_with(".json")) files.push_back(at->path());
  }
  std::ranges::sort(files);
  return files;
}

Result<std::vector<SigningKey>> keys_in_realm(const CommandRun& run, const Realm& realm,
                                              const std::vector<std::string>& passphrases) {
  std::vector<SigningKey> keys;
  if (run.arguments.has("key")) return keys;
  for (const fs::path& file : files_in_realm(realm)) {
    Result<std::vector<SigningKey>> key = open_key_files({file}, passphrases);
    if (key.has_error() && key.error().code == ErrorCode::kUntrusted)
      continue;  // of another holder
    if (key.has_error()) return key.error();
    keys.push_back(std::move(key.value().front()));
  }
  return keys;
}

Result<std::vector<std::string>> given_passphrases(const CommandRun& run) {
  if (!run.arguments.has("passphrase-file")) return std::vector<std::string>();
  return read_passphrase_lines(run.arguments.value("passphrase-file"));
}

Status write_draft(const CommandRun& run, const ChangeMaker& change_in,
                   std::span<const SigningKey> more) {
  const std::string out = run.arguments.value("out");
  ROOTLET_TRY(OutputFile file, OutputFile::open(out, FileMode::kPublic));
  ROOTLET_TRY(Realm realm, run.open_realm());
  ROOTLET_TRY(const RootChange change, change_in(realm));
  ROOTLET_TRY(RootDraft draft, draft_root(realm, change, run.now()));
  for (const SigningKey& key : more) {
    ROOTLET_TRY(sign_draft(draft, key));
  }
  ROOTLET_TRY(file.finish(encode_draft(draft)));
  const std::vector<Text> lines = describe_draft(draft);
  const DraftSignatures count = count_signatures(draft);
  const std::string name = fs::path(out).filename().string();
  return run.output.report(
      json::object{{"draft", out},
                   {"realm", draft.realm_id},
                   {"version", draft.next.version},
                   {"changes", json_lines(run, lines)},
                   {"signatures_needed", count.current_needed}},
      run.output.words({.en = "A draft is in " + out + "; the realm is unchanged:\n",
                        .zh = "草案已写入 " + out + "，域尚未变更：\n"}) +
          listed(run, lines) +
          run.output.words(
              {.en = std::to_string(count.current_needed) +
                     " holders of root keys sign it: rootlet-platform root sign " + name +
                     " --key FILE\nThen here: rootlet-platform root publish " + name + "\n",
               .zh = "须由 " + std::to_string(count.current_needed) +
                     " 位根密钥保管人签名：rootlet-platform root sign " + name +
                     " --key FILE\n随后在此运行：rootlet-platform root publish " + name + "\n"}));
}

}  // namespace

std::vector<OptionSpec> root_signing_options() {
  return {
      {.name = "key",
       .value_name = "FILE",
       .help = {.en = "a root key's file; name it once for each key", .zh = "根密钥文件，可重复"},
       .may_repeat = true,
       .type = ValueType::kFile},
      {.name = "passphrase-file",
       .value_name = "F",
       .help = {.en = "the passphrases of these keys, a line each",
                .zh = "这些密钥的口令文件，每行一个"},
       .type = ValueType::kFile},
      {.name = "out",
       .value_name = "DRAFT",
       .help = {.en = "write a draft for holders elsewhere, change nothing",
                .zh = "只写出供异地保管人签名的草案，不作变更"},
       .type = ValueType::kFile}};
}

std::string listed(const CommandRun& run, const std::vector<Text>& lines) {
  std::string text;
  for (const Text& line : lines) text += "  - " + run.output.words(line) + "\n";
  return text;
}

json::array json_lines(const CommandRun& run, const std::vector<Text>& lines) {
  json::array array;
  for (const Text& line : lines) array.emplace_back(run.output.words(line));
  return array;
}

Result<std::vector<SigningKey>> given_root_keys(const CommandRun& run) {
  std::vector<fs::path> files;
  for (const std::string& file : run.arguments.values("key")) files.emplace_back(file);
  ROOTLET_TRY(const std::vector<std::string> passphrases, given_passphrases(run));
  if (!passphrases.empty()) return open_key_files(files, passphrases);
  if (::isatty(STDIN_FILENO) != 1) {
    return fail(ErrorCode::kUsage,
                "the keys need their passphrases: give --passphrase-file, or run this on a "
                "terminal. Nothing was changed.");
  }
  std::vector<SigningKey> keys;
  for (const fs::path& file : files) {
    ROOTLET_TRY(const std::string passphrase, ask_passphrase(file.filename().string()));
    ROOTLET_TRY(SigningKey key, load_root_key(file, passphrase));
    keys.push_back(std::move(key));
  }
  return keys;
}

Status check_signing_given(const CommandRun& run) {
  for (const char* option : {"out", "key", "passphrase-file"}) {
    if (run.arguments.has(option)) return ok();
  }
  return fail(ErrorCode::kUsage,
              "give --passphrase-file (and --key for each file that is not in DIR/keys) to sign "
              "here and now, or --out for a draft that holders sign elsewhere. Nothing was "
              "changed.");
}

Status change_or_draft(const CommandRun& run, const ChangeMaker& change_in,
                       std::vector<SigningKey> more) {
  const Arguments& given = run.arguments;
  ROOTLET_TRY(check_signing_given(run));
  if (given.has("out")) return write_draft(run, change_in, more);
  ROOTLET_TRY(const std::vector<std::string> passphrases, given_passphrases(run));
  std::vector<SigningKey> keys = std::move(more);
  if (given.has("key")) {
    ROOTLET_TRY(std::vector<SigningKey> named, given_root_keys(run));
    std::ranges::move(named, std::back_inserter(keys));
  }
  ROOTLET_TRY(Realm realm, run.open_realm());
  ROOTLET_TRY(std::vector<SigningKey> inside, keys_in_realm(run, realm, passphrases));
  std::ranges::move(inside, std::back_inserter(keys));
  ROOTLET_TRY(const RootChange change, change_in(realm));
  ROOTLET_TRY(const RootRenewal made, change_root(realm, change, keys, run.now()));
  const std::string until = format_time(made.expires);
  const std::string version = std::to_string(made.version);
  return run.output.report(
      json::object{{"version", made.version}, {"expires", until}},
      run.output.words(
          {.en = "Root version " + version + " is published; it ends at " + until + ".\n",
           .zh = "root 第 " + version + " 版已发布，有效期至 " + until + "。\n"}));
}

}  // namespace rootlet::platform
