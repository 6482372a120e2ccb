// An operator who works as root in a realm that belongs to the service's user: no file of root
// stays there, root's own files are read and written, and only repository/ is for others.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include "core/file/file.hpp"
#include "tests/platform/cli/program.hpp"
#include "tests/support/child.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

constexpr std::string_view kPeople = R"json({
  "id": "people", "title": {"zh": "名册", "en": "People"},
  "provider": {"code": "11100000MB0123", "name": {"zh": "民政部门", "en": "Civil affairs"}},
  "format": "table", "update": "daily",
  "sharing": {"attribute": "unconditional", "mode": "batch", "uses": ["lookup"]},
  "grade": "general", "assessment": "2026-017", "division": {"column": "code", "digits": 4},
  "columns": [{"name": "code", "type": "text", "key": true}, {"name": "name", "type": "text"}]})json";

// A folder of root that nobody else may read, and beside it one of another user.
class RootsDay {
 public:
  RootsDay() {
    REQUIRE(::chmod(world_.path().c_str(), 0711) == 0);
    must(make_private_directory(roots_));
    must(make_private_directory(served_));
    REQUIRE(::chown(served_.c_str(), kOtherUser, kOtherUser) == 0);
  }
  fs::path roots(const std::string& name) const { return roots_ / name; }
  fs::path realm() const { return served_ / "realm"; }
  std::string file(const std::string& name, std::string_view text) const {
    must(write_file_atomically(roots_ / name, as_bytes(text), FileMode::kPrivate));
    return (roots_ / name).string();
  }
  Said run(std::vector<std::string> words, mode_t mask = 0077) const {
    const mode_t before = ::umask(mask);
    Said said = Program(roots_, std::move(words)).wait();
    ::umask(before);
    return said;
  }
  void done(std::vector<std::string> words, mode_t mask = 0077) const {
    words.insert(words.begin(), {"--realm", realm().string()});
    const Said said = run(std::move(words), mask);
    INFO(said.err);
    REQUIRE(said.exit_code == 0);
  }
  void init(mode_t mask) const {
    const std::string words = file("passphrases", "a passphrase for the tests\n");
    const Said said =
        run({"init", realm().string(), "--name", "Test", "--passphrase-file", words}, mask);
    INFO(said.err);
    REQUIRE(said.exit_code == 0);
  }

 private:
  TempDir world_;
  fs::path roots_ = world_ / "root", served_ = world_ / "served";
};

// Files of the realm whose owner or mode is not as promised, one to a line.
std::string misfits(const fs::path& realm) {
  std::string out;
  const auto check = [&](const fs::path& path, mode_t wanted) {
    struct stat info {};
    REQUIRE(::lstat(path.c_str(), &info) == 0);
    if (info.st_uid != kOtherUser || (info.st_mode & 0777) != wanted) out += path.string() + "\n";
  };
  check(realm, 0711);
  for (const auto& entry : fs::recursive_directory_iterator(realm)) {
    const bool is_public = entry.path().string().starts_with((realm / "repository").string());
    const bool is_folder = entry.is_directory();
    check(entry.path(), is_folder ? (is_public ? 0755 : 0700) : (is_public ? 0644 : 0600));
  }
  return out;
}

}  // namespace

TEST_CASE("root: a day's commands leave each file with the realm's owner, public ones readable") {
  if (!is_root()) return;
  for (const mode_t mask : {0077, 0000}) {
    CAPTURE(mask);
    const RootsDay day;
    day.init(mask);
    day.done({"dataset", "add", day.file("people.json", kPeople)}, mask);
    day.done({"office", "add", "jiaxing", "--division", "3304", "--name", "n", "--out",
              day.roots("jiaxing.enroll").string()},
             mask);
    day.done({"grant", "add", "jiaxing", "people", "--purposes", "lookup"}, mask);
    const std::string rows = day.file("people.csv", "code,name\n330401,a\n330402,b\n");
    day.done({"publish", "people", "--from", "csv:" + rows}, mask);
    day.done({"inbox", "list"}, mask);
    day.done({"verify"}, mask);
    CHECK(misfits(day.realm()) == "");
    struct stat invitation {};
    REQUIRE(::stat(day.roots("jiaxing.enroll").c_str(), &invitation) == 0);
    CHECK(invitation.st_uid == 0);
    CHECK((invitation.st_mode & 0777) == 0600);
  }
}

TEST_CASE("root: an invitation that cannot be written is refused before the office is added") {
  if (!is_root()) return;
  const RootsDay day;
  day.init(0077);
  const Said said = day.run({"--realm", day.realm().string(), "office", "add", "jiaxing",
                             "--division", "3304", "--name", "n", "--out", "/nonexistent/x"});
  CHECK(said.exit_code == 6);
  day.done({"office", "add", "jiaxing", "--division", "3304", "--name", "n", "--out",
            day.roots("x").string()});
}

TEST_CASE(
    "root: a file that an earlier command of root left is named with its owner and the remedy") {
  if (!is_root()) return;
  const RootsDay day;
  day.init(0077);
  for (const char* name : {"platform.db", "realm.key"}) {
    const fs::path left = day.realm() / name;
    REQUIRE(::chown(left.c_str(), 0, 0) == 0);
    const Said said = day.run(
        {"--realm", day.realm().string(), "dataset", "add", day.file("people.json", kPeople)});
    CAPTURE(said.err);
    CHECK(said.exit_code == 6);
    CHECK(said.err.find(left.string() + " belongs to user 'root'") != std::string::npos);
    REQUIRE(::chown(left.c_str(), kOtherUser, kOtherUser) == 0);
  }
}
