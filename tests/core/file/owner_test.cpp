// Files of root's commands belong to whom they should, and errors name an owner.
#include "core/file/owner.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file/output_file.hpp"
#include "tests/support/child.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

mode_t mode_of(const fs::path& path) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_mode & 0777;
}

}  // namespace

TEST_CASE("owner: root becomes the owner of a folder, or of the parent of a missing one") {
  if (!is_root()) return;
  const TempDir folder;
  REQUIRE(::chown(folder.path().c_str(), kOtherUser, kOtherUser) == 0);
  for (const fs::path& path : {folder.path(), folder / "new", folder / "a/b/c"}) {
    CAPTURE(path.string());
    CHECK(in_child([&] {
            if (act_as_owner_of(path).has_error()) return std::string("refused");
            // For good: neither the real, the effective nor the saved user is root any more.
            return std::to_string(::getuid()) + " " + std::to_string(::getegid()) + " " +
                   std::to_string(::setuid(0));
          }) == "65534 65534 -1");
  }
}

TEST_CASE("owner: root's own folder leaves root as it is") {
  if (!is_root()) return;
  const TempDir folder;
  CHECK(in_child([&] { return words_of(act_as_owner_of(folder.path())); }) == "ok");
}

TEST_CASE("owner: an error of permissions names the owner of the file") {
  if (!is_root()) return;
  const TempDir folder;
  REQUIRE(::chmod(folder.path().c_str(), 0755) == 0);
  must(write_file_atomically(folder / "secret", as_bytes("x"), FileMode::kPrivate));
  const std::string said = in_child([&] {
    if (::setuid(kOtherUser) != 0) return std::string("no setuid");
    return words_of(read_file(folder / "secret", 10));
  });
  CHECK(said.find("belongs to user 'root'") != std::string::npos);
  CHECK(said.find("this process is user 'nobody'") != std::string::npos);
}

TEST_CASE("file: public files and folders are readable to others under any umask") {
  const TempDir folder;
  const mode_t before = ::umask(0077);
  must(make_directory(folder / "a/b"));
  must(write_file_atomically(folder / "a/b/f", as_bytes("x")));
  must(write_file_atomically(folder / "a/b/p", as_bytes("x"), FileMode::kPrivate));
  ::umask(before);
  CHECK(mode_of(folder / "a") == 0755);
  CHECK(mode_of(folder / "a/b") == 0755);
  CHECK(mode_of(folder / "a/b/f") == 0644);
  CHECK(mode_of(folder / "a/b/p") == 0600);
}

TEST_CASE("output file: opened as root, written after root is given up") {
  if (!is_root()) return;
  const TempDir folder, owned;
  REQUIRE(::chown(owned.path().c_str(), kOtherUser, kOtherUser) == 0);
  CHECK(in_child([&]() -> std::string {
          Result<OutputFile> file = OutputFile::open(folder / "out", FileMode::kPrivate);
          if (file.has_error()) return words_of(file);
          const Status acted = act_as_owner_of(owned.path());
          if (acted.has_error()) return words_of(acted);
          return words_of(file.value().finish(as_bytes("invitation")));
        }) == "ok");
  CHECK(must(read_text_file(folder / "out", 100)) == "invitation");
  CHECK(mode_of(folder / "out") == 0600);
}

TEST_CASE("output file: without a result a new file goes, and an old one keeps its content") {
  const TempDir folder;
  must(write_file_atomically(folder / "old", as_bytes("before")));
  static_cast<void>(must(OutputFile::open(folder / "new", FileMode::kPrivate)));
  static_cast<void>(must(OutputFile::open(folder / "old", FileMode::kPrivate)));
  CHECK_FALSE(fs::exists(folder / "new"));
  CHECK(must(read_text_file(folder / "old", 100)) == "before");
  must(must(OutputFile::open(folder / "old", FileMode::kPrivate)).finish(as_bytes("now")));
  CHECK(must(read_text_file(folder / "old", 100)) == "now");
  CHECK(code_of(OutputFile::open(folder / "none/x", FileMode::kPrivate)) == ErrorCode::kStorage);
}
