// Looks at names and sizes only; whether keys.db is whole is SQLite's check of its pages.
#include "agent/office/loss.hpp"

#include <array>

namespace rootlet::agent {
namespace {

constexpr std::array<const char*, 3> kDatabaseEndings = {"", "-wal", "-shm"};

bool has_content(const fs::path& path) {
  std::error_code failed;
  const auto size = fs::file_size(path, failed);
  return !failed && size > 0;
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(path, ignored));
}

std::vector<fs::path> dataset_files(const Home& home) {
  std::vector<fs::path> files;
  std::error_code failed;
  for (fs::directory_iterator at(home.datasets(), failed), end; !failed && at != end;
       at.increment(failed)) {
    if (at->path().extension() == ".db") files.push_back(at->path());
  }
  return files;
}

// An office that was enrolled has at least one of these after its first command.
bool was_in_use(const Home& home) {
  return has_content(home.outbox()) || has_content(home.ledger()) ||
         has_content(home.directory()) || !dataset_files(home).empty();
}

// "lost-20261129T170500Z", with a number behind it if that one exists.
fs::path folder_for(const Home& home, UnixTime now) {
  std::string name = "lost-";
  for (const char c : format_time(now)) {
    if (c != '-' && c != ':') name.push_back(c);
  }
  fs::path folder = home.folder() / name;
  for (int number = 2; is_there(folder); ++number) {
    folder = home.folder() / (name + "-" + std::to_string(number));
  }
  return folder;
}

Status move_file(const fs::path& from, const fs::path& folder) {
  if (!is_there(from)) return ok();
  std::error_code failed;
  fs::rename(from, folder / from.filename(), failed);
  if (!failed) return ok();
  return fail(ErrorCode::kStorage, "move " + from.string() + ": " + failed.message());
}

Status check_pages(KeyStore& keys) {
  Result<bool> whole = keys.is_whole();
  if (whole.has_error()) return whole.error();
  return whole.value() ? ok() : Status(fail(ErrorCode::kStorageDamaged, "its pages are damaged"));
}

}  // namespace

Error keys_are_lost(const Home& home, std::string_view what) {
  Error error = fail(ErrorCode::kStorageDamaged, home.folder().string() + ": " + std::string(what));
  error.hint = {
      .en =
          "Without both files nothing in this home can be opened: not the office's identity, and "
          "not the records that were not yet sent. If you have a copy of machine.key and "
          "keys.db, put both back. If not, ask the platform's operator for `rootlet-platform "
          "office reinvite ID --out FILE`, then run `rootlet enroll FILE --accept-loss`: it "
          "keeps the unreadable files in a folder lost-… of the home and begins anew.",
      .zh =
          "缺少这两个文件，本目录中的内容都无法打开，包括单位身份和尚未发送的记录。若有 "
          "machine.key 和 keys.db 的备份，请一并放回；否则请平台管理员运行 rootlet-platform "
          "office reinvite ID --out FILE，再在本机运行 rootlet enroll FILE --accept-loss："
          "无法读取的文件会保留在目录的 lost-… 中，然后重新开始。"};
  return error;
}

Result<std::optional<KeyStore>> open_keys(const Home& home) {
  if (!has_content(home.keys())) {
    if (!was_in_use(home)) return std::optional<KeyStore>();
    return keys_are_lost(home, "keys.db is missing or empty, but the home was in use");
  }
  Result<std::optional<SymmetricKey>> machine_key = load_machine_key(home);
  if (machine_key.has_error()) {
    if (machine_key.error().code != ErrorCode::kStorageDamaged) return machine_key.error();
    return keys_are_lost(home, machine_key.error().message);
  }
  if (!machine_key.value()) {
    return keys_are_lost(home, "machine.key is missing, and keys.db was encrypted with it");
  }
  Result<KeyStore> keys = KeyStore::open(home, *machine_key.value());
  const Status checked =
      keys.has_error() ? Status(keys.error()) : Status(check_pages(keys.value()));
  if (checked.has_value()) return std::optional<KeyStore>(std::move(keys).value());
  if (checked.error().code != ErrorCode::kStorageDamaged) return checked.error();
  return keys_are_lost(
      home, "keys.db is damaged or machine.key is not its key (" + checked.error().message + ")");
}

Result<fs::path> set_aside(const Home& home, std::span<const fs::path> files, UnixTime now) {
  const fs::path folder = folder_for(home, now);
  ROOTLET_TRY(make_private_directory(folder));
  for (const fs::path& file : files) {
    for (const char* ending : kDatabaseEndings) {
      ROOTLET_TRY(move_file(file.string() + ending, folder));
    }
  }
  ROOTLET_TRY(sync_directory(folder));
  ROOTLET_TRY(sync_directory(home.folder()));
  return folder;
}

Result<fs::path> set_office_aside(const Home& home, UnixTime now) {
  // keys.db goes last: until then the home still shows that its keys are lost.
  const std::array files = {home.outbox(), home.ledger(), home.machine_key_file(), home.keys()};
  ROOTLET_TRY(remove_database(home.directory()));
  for (const fs::path& dataset : dataset_files(home)) {
    ROOTLET_TRY(remove_database(dataset));
  }
  return set_aside(home, files, now);
}

Status remove_database(const fs::path& path) {
  for (const char* ending : kDatabaseEndings) {
    ROOTLET_TRY(remove_file(path.string() + ending));
  }
  return sync_directory(path.parent_path());
}

}  // namespace rootlet::agent
