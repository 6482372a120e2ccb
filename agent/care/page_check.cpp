// The place where each file's check stopped is a fact of keys.db: "pages/<name>" → u64.
#include "agent/care/page_check.hpp"

#include <algorithm>
#include <chrono>

#include "agent/care/damage.hpp"
#include "storage/page_scan.hpp"

namespace rootlet::agent {
namespace {

constexpr std::string_view kCheckedFact = "pages_checked";
constexpr std::chrono::hours kInterval{1};

struct CheckedFile {
  std::string name;
  fs::path path;
  SymmetricKey key;
  bool is_cache = false;
};

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

// A file without a key was never used, or its key is being replaced.
Status add_file(Office& office, std::string name, fs::path path, bool is_cache,
                std::vector<CheckedFile>& files) {
  ROOTLET_TRY(const bool has_key, office.keys().has_file_key(name));
  if (!has_key || !is_there(path)) return ok();
  ROOTLET_TRY(SymmetricKey key, office.keys().file_key(name));
  files.push_back({std::move(name), std::move(path), std::move(key), is_cache});
  return ok();
}

Result<std::vector<CheckedFile>> files_of(Office& office) {
  const Home& home = office.home();
  std::vector<CheckedFile> files;
  ROOTLET_TRY(std::optional<SymmetricKey> machine_key, load_machine_key(home));
  if (machine_key) files.push_back({"keys", home.keys(), std::move(*machine_key), false});
  ROOTLET_TRY(add_file(office, "outbox", home.outbox(), false, files));
  ROOTLET_TRY(add_file(office, "ledger", home.ledger(), false, files));
  ROOTLET_TRY(add_file(office, std::string(kDirectoryCache), home.directory(), true, files));
  ROOTLET_TRY(const std::vector<std::string> held, office.keys().file_key_names("dataset/"));
  for (const std::string& id : held) {
    ROOTLET_TRY(add_file(office, dataset_key_name(id), home.dataset(id), true, files));
  }
  return files;
}

std::string place_name(const CheckedFile& file) {
  return "pages/" + file.name;
}

Result<std::int64_t> load_place(KeyStore& keys, const CheckedFile& file) {
  ROOTLET_TRY(const std::optional<Bytes> bytes, keys.fact(place_name(file)));
  if (!bytes) return 1;
  ByteReader reader(*bytes, "keys.db: page");
  ROOTLET_TRY(const std::uint64_t page, reader.u64());
  return static_cast<std::int64_t>(page);
}

Status save_place(KeyStore& keys, const CheckedFile& file, std::int64_t page) {
  ByteWriter writer;
  writer.u64(static_cast<std::uint64_t>(page));
  return keys.save_fact(place_name(file), writer.view());
}

// Not read-only: after a power cut SQLite must be able to finish or undo what was under way.
Result<PageScan> scan_file(const CheckedFile& file, std::int64_t first, std::int64_t count) {
  ROOTLET_TRY(Database database,
              Database::open(file.path, file.key, {.mode = OpenMode::kReadWrite, .cache_kib = 64}));
  return scan_pages(database, first, count);
}

Error explain(const CheckedFile& file, DamageWatch& watch, const Error& error) {
  if (file.is_cache) return watch.explain(error);
  const std::string name = file.path.filename().string();
  return error.message.starts_with(name) ? error : within(name, error);
}

Result<PageCheck> check_file(Office& office, const CheckedFile& file, std::int64_t count) {
  PageCheck check{.name = file.name, .is_cache = file.is_cache, .trouble = {}};
  DamageWatch watch(office, file.name, file.key);
  ROOTLET_TRY(const std::int64_t first, load_place(office.keys(), file));
  const bool is_whole = count == kAllPages;
  const Result<PageScan> scan = scan_file(file, is_whole ? 1 : first, count);
  if (scan.has_value()) {
    check.pages = scan.value().pages;
    check.checked = std::min(count, check.pages);
    if (!is_whole && scan.value().next != first) {
      ROOTLET_TRY(save_place(office.keys(), file, scan.value().next));
    }
    return check;
  }
  // A file that was erased meanwhile is no trouble.
  if (is_there(file.path)) check.trouble = explain(file, watch, scan.error());
  return check;
}

}  // namespace

Result<std::vector<PageCheck>> check_pages(Office& office, std::int64_t pages_per_file) {
  ROOTLET_TRY(const std::vector<CheckedFile> files, files_of(office));
  std::vector<PageCheck> checks;
  for (const CheckedFile& file : files) {
    ROOTLET_TRY(PageCheck check, check_file(office, file, pages_per_file));
    checks.push_back(std::move(check));
  }
  return checks;
}

Result<std::vector<PageCheck>> check_pages_hourly(Office& office) {
  const UnixTime now = office.time().now;
  ROOTLET_TRY(const std::optional<Bytes> text, office.keys().fact(kCheckedFact));
  if (text) {
    ROOTLET_TRY(const UnixTime last, parse_time(as_text(*text)));
    if (now >= last && now < last + kInterval) return std::vector<PageCheck>();
  }
  ROOTLET_TRY(office.keys().save_fact(kCheckedFact, as_bytes(format_time(now))));
  return check_pages(office, kPagesAtOnce);
}

}  // namespace rootlet::agent
