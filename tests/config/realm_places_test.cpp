// --realm NAME: one home, socket and settings file for each realm of a machine.
#include "config/realm_places.hpp"

#include <fstream>

#include "config/settings.hpp"
#include "core/limits.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using rootlet::test::code_of;
using rootlet::test::must;
using rootlet::test::TempDir;

namespace {

LoadedSettings loaded_with(std::vector<std::string> words,
                           const std::map<std::string, std::string>& environment = {}) {
  return load_settings(must(parse_arguments(setting_options(), words)), environment,
                       "/nonexistent");
}

std::filesystem::path file_with(const TempDir& folder, const std::string& text) {
  std::ofstream(folder / "x.conf") << text;
  return folder / "x.conf";
}

}  // namespace

TEST_CASE("realm: each name has places of its own, apart from those without a name") {
  const RealmPlaces ministry = must(places_of_realm("ministry"));
  CHECK(ministry.home == "/var/lib/rootlet-ministry");
  CHECK(ministry.socket == "/run/rootlet-ministry/agent.sock");
  CHECK(ministry.config_file == "/etc/rootlet/ministry.conf");
  CHECK(must(places_of_realm("County-2")).home == "/var/lib/rootlet-County-2");
}

TEST_CASE("realm: a name that leads elsewhere, is too long or is in use is refused") {
  for (const std::string& name :
       {std::string(), std::string("../x"), std::string("a/b"), std::string("-a"),
        std::string("a.b"), std::string("县"), std::string("a b"), std::string("a\0b", 3),
        std::string(limits::kRealmNameBytes + 1, 'a'), std::string("platform"),
        std::string("rootlet")}) {
    CAPTURE(name);
    CHECK(code_of(places_of_realm(name)) == ErrorCode::kBadInput);
  }
  CHECK(places_of_realm(std::string(limits::kRealmNameBytes, 'a')).has_value());
  CHECK(loaded_with({"--realm", "../x"}).mistakes.size() == 1);
}

TEST_CASE("realm: --realm chooses home and socket, before the environment and after own flags") {
  const LoadedSettings named = loaded_with({"--realm", "ministry"}, {{"ROOTLET_HOME", "/tmp/h"}});
  CHECK(named.mistakes.empty());
  CHECK(named.settings.realm == "ministry");
  CHECK(named.settings.home == "/var/lib/rootlet-ministry");
  CHECK(named.settings.socket == "/run/rootlet-ministry/agent.sock");
  CHECK(loaded_with({"--realm", "ministry", "--home", "/tmp/h"}).settings.home == "/tmp/h");
  CHECK(loaded_with({}).settings.realm.empty());
}

TEST_CASE("realm: a settings file that says another home or socket is a mistake with its line") {
  const TempDir folder;
  const auto with_file = [&](const std::string& text) {
    return loaded_with({"--realm", "m", "--config", file_with(folder, text).string()});
  };
  CHECK(with_file("poll = 5m\n").mistakes.empty());
  CHECK(with_file("home = /var/lib/rootlet-m\n").mistakes.empty());
  const LoadedSettings other = with_file("poll = 5m\nhome = /srv/m\nsocket = /srv/s\n");
  REQUIRE(other.mistakes.size() == 2);
  CHECK(other.mistakes[0].where == (folder / "x.conf").string() + ":2");
}

TEST_CASE("realm: the command that starts a daemon fits its home") {
  CHECK(start_command("", "/var/lib/rootlet") == "sudo systemctl start rootlet");
  CHECK(start_command("m", "/var/lib/rootlet-m") == "sudo systemctl start rootlet@m");
  CHECK(start_command("", "/tmp/h") == "rootlet --home /tmp/h run");
}
