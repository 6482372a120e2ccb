// Path patterns, quoting and file names.
#include <doctest/doctest.h>

#include "core/crypto.hpp"
#include "sync/trust/metadata/tuf_names.hpp"
#include "tests/support/support.hpp"

namespace rootlet::test {

TEST_CASE("trust: path patterns are shell wildcards that do not cross a slash") {
  CHECK(path_matches("targets/*.tgz", "targets/foo.tgz"));
  CHECK_FALSE(path_matches("targets/*.tgz", "targets/foo.txt"));
  CHECK(path_matches("foo-version-?.tgz", "foo-version-2.tgz"));
  CHECK_FALSE(path_matches("foo-version-?.tgz", "foo-version-alpha.tgz"));
  CHECK(path_matches("*.tgz", "foo.tgz"));
  CHECK_FALSE(path_matches("*.tgz", "targets/foo.tgz"));
  CHECK(path_matches("foo.tgz", "foo.tgz"));
  CHECK_FALSE(path_matches("foo.tgz", "foo.tgz2"));
  CHECK(path_matches("*", "anything"));
  CHECK_FALSE(path_matches("*", "a/b"));
  CHECK(path_matches("*/*", "a/b"));
  CHECK_FALSE(path_matches("a/?", "a/"));
  CHECK(path_matches("a/*", "a/"));
  CHECK_FALSE(path_matches("a", "a/"));
  CHECK(path_matches("a*b*c", "axxbyyc"));
  CHECK_FALSE(path_matches("a*b*c", "axxbyy"));
  CHECK(path_matches("***", ""));
  CHECK(path_matches("", ""));
  CHECK_FALSE(path_matches("", "a"));
}

TEST_CASE("trust: path patterns support classes and characters beyond ASCII") {
  CHECK(path_matches("v[0-9].txt", "v7.txt"));
  CHECK_FALSE(path_matches("v[0-9].txt", "va.txt"));
  CHECK(path_matches("v[!0-9].txt", "va.txt"));
  CHECK(path_matches("[]]", "]"));
  CHECK(path_matches("[a", "[a"));
  CHECK(path_matches("[a-]", "-"));
  CHECK_FALSE(path_matches("[/]", "/"));
  CHECK(path_matches("?.csv", "村.csv"));
  CHECK(path_matches("[一-龥].csv", "村.csv"));
  CHECK_FALSE(path_matches("??.csv", "村.csv"));
  CHECK(path_matches("\\*", "\\x"));  // no escapes: a backslash is literal
}

TEST_CASE("trust: a pattern with many stars matches in bounded time") {
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "*a";
  CHECK_FALSE(path_matches(pattern, std::string(20'000, 'a') + "b"));
}

TEST_CASE("trust: hash prefixes compare the hex of SHA-256") {
  const std::string hex = to_hex(sha256(as_bytes("file")));
  CHECK(hash_prefix_matches({"zz", hex.substr(0, 2)}, "file"));
  CHECK(hash_prefix_matches({hex}, "file"));
  CHECK_FALSE(hash_prefix_matches({hex + "0"}, "file"));
  CHECK_FALSE(hash_prefix_matches({}, "file"));
}

TEST_CASE("trust: a target's file name is visible, short enough and unique") {
  CHECK(target_file_name("a/b c.txt") == "a%2Fb%20c.txt");
  CHECK(target_file_name("../up") == "%2E.%2Fup");
  CHECK(target_file_name("..") == "%2E.");
  CHECK(target_file_name("/etc/passwd") == "%2Fetc%2Fpasswd");
  const std::string deep(100, '/');
  CHECK(target_file_name(deep) == "sha256=" + to_hex(sha256(as_bytes(deep))));
}

TEST_CASE(
    "trust: a target's address keeps its slashes, includes its hash, and never leaves the folder") {
  CHECK(must(target_address("a/b/c.txt", "00ff")) == "a/b/00ff.c.txt");
  CHECK(must(target_address("c.txt", "")) == "c.txt");
  CHECK(must(target_address("a b#村%2F%zz", "")) == "a%20b%23%E6%9D%91%2F%25zz");
  for (const std::string path : {"", ".", "..", "../x", "a/../b", "a/.", "./a"}) {
    CAPTURE(path);
    CHECK(target_address(path, "00").has_error());
  }
}

TEST_CASE("trust: a role's file name is quoted and bounded") {
  CHECK(must(metadata_file_name("a/b")) == "a%2Fb.json");
  CHECK(metadata_file_name("").has_error());
  CHECK(metadata_file_name(std::string(250, 'a')).has_error());
}

}  // namespace rootlet::test
