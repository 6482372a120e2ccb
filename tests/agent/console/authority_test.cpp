// The local authority and the console's certificate.
#include "agent/console/authority.hpp"

#include <sys/stat.h>

#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;

namespace {

const UnixTime kNow{std::chrono::seconds(1'790'000'000)};

struct Machine {
  TempDir folder;
  Home home{folder / "home"};
  Machine() { must(home.prepare()); }
  ConsoleCertificate certificate(const std::vector<std::string>& names, UnixTime now = kNow) {
    return must(console_certificate(home, names, now));
  }
  std::string chain() { return must(read_text_file(home.folder() / "console/console.pem", 65536)); }
};

}  // namespace

TEST_CASE("authority: it is made once, with a fingerprint and keys that only the owner reads") {
  Machine machine;
  CHECK(authority_fingerprint(machine.home).empty());
  const ConsoleCertificate first = machine.certificate({"town.example", "192.168.1.20"});
  CHECK(first.fingerprint.size() == 32 * 3 - 1);
  CHECK(authority_fingerprint(machine.home) == first.fingerprint);
  for (const fs::path& key : {first.key, machine.home.folder() / "console/authority.key"}) {
    struct stat info {};
    REQUIRE(::stat(key.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
  }
  const std::string chain = machine.chain();
  CHECK(machine.certificate({"town.example"}).fingerprint == first.fingerprint);
  CHECK(machine.chain() == chain);  // still good for the name
}

TEST_CASE("authority: the certificate is made anew for another name, and before it ends") {
  Machine machine;
  const ConsoleCertificate first = machine.certificate({"town.example"});
  const std::string chain = machine.chain();
  machine.certificate({"town.example", "10.0.0.7"});
  const std::string wider = machine.chain();
  CHECK(wider != chain);
  const ConsoleCertificate later =
      machine.certificate({"town.example", "10.0.0.7"}, kNow + std::chrono::days(340));
  CHECK(machine.chain() != wider);
  CHECK(later.fingerprint == first.fingerprint);
}

TEST_CASE("authority: one that does not fit its key is refused, never replaced in silence") {
  Machine machine;
  const ConsoleCertificate first = machine.certificate({"town.example"});
  fs::copy_file(first.key, machine.home.folder() / "console/authority.key",
                fs::copy_options::overwrite_existing);
  CHECK(code_of(console_certificate(machine.home, {"town.example"}, kNow)) ==
        ErrorCode::kStorageDamaged);
}
