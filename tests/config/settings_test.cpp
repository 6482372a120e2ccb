// Where a setting's value comes from, and that no mistake hides another.
#include "config/settings.hpp"

#include <fstream>

#include "config/setting_file.hpp"
#include "config/units.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using rootlet::test::must;
using rootlet::test::TempDir;

namespace {

using Environment = std::map<std::string, std::string>;

Arguments flags(std::vector<std::string> words) {
  return must(parse_arguments(setting_options(), words));
}

std::filesystem::path file_with(const TempDir& folder, const std::string& text) {
  const std::filesystem::path path = folder / "rootlet.conf";
  std::ofstream(path) << text;
  return path;
}

const SettingOrigin& origin(const LoadedSettings& loaded, const std::string& key) {
  for (const SettingOrigin& one : loaded.origins) {
    if (one.key == key) return one;
  }
  FAIL("no setting " << key);
  return loaded.origins.front();
}

bool has_mistake(const LoadedSettings& loaded, const std::string& where, const std::string& key) {
  for (const SettingMistake& one : loaded.mistakes) {
    if (one.where == where && one.key == key) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("settings: a flag beats the environment, which beats the file, which beats the default") {
  const TempDir folder;
  const auto file =
      file_with(folder, "# office\npoll = 5m\nlimit_rate = 100k\nproxy = \"http://p:1\"\n");
  const Environment environment{{"ROOTLET_POLL", "2m"}, {"ROOTLET_LIMIT_RATE", "1M"}};

  const LoadedSettings all = load_settings(flags({"--poll", "30s"}), environment, file);
  REQUIRE(all.mistakes.empty());
  CHECK(all.settings.poll == std::chrono::seconds(30));
  CHECK(origin(all, "poll").from == "flag");
  CHECK(all.settings.limit_rate == 1'000'000);
  CHECK(origin(all, "limit_rate").where == "ROOTLET_LIMIT_RATE");
  CHECK(all.settings.proxy == "http://p:1");
  CHECK(origin(all, "proxy").where == file.string() + ":4");
  CHECK(all.settings.home == "/var/lib/rootlet");
  CHECK(origin(all, "home").from == "default");
  CHECK(all.settings.socket == "/var/lib/rootlet/agent.sock");

  const LoadedSettings plain = load_settings(flags({}), {}, file);
  CHECK(plain.settings.poll == std::chrono::minutes(5));
  CHECK(plain.settings.limit_rate == 100'000);
}

TEST_CASE("settings: another home than the file's has its own socket, not the file's") {
  const TempDir folder;
  const auto file =
      file_with(folder, "home = /var/lib/rootlet\nsocket = /run/rootlet/agent.sock\n");
  const auto socket = [&](std::vector<std::string> words, const Environment& environment) {
    return load_settings(flags(std::move(words)), environment, file).settings.socket.string();
  };
  CHECK(socket({}, {}) == "/run/rootlet/agent.sock");
  CHECK(socket({"--home", "/srv/second"}, {}) == "/srv/second/agent.sock");
  CHECK(socket({}, {{"ROOTLET_HOME", "/srv/second"}}) == "/srv/second/agent.sock");
  CHECK(socket({"--home", "/srv/second", "--socket", "/run/s"}, {}) == "/run/s");
  CHECK(socket({"--home", "/srv/second"}, {{"ROOTLET_SOCKET", "/run/s"}}) == "/run/s");
}

TEST_CASE("settings: every mistake is reported at once, with file, line and key") {
  const TempDir folder;
  const auto file = file_with(folder,
                              "poll = 5\n"            // 1: no unit
                              "pol = 5m\n"            // 2: unknown
                              "[agent]\n"             // 3: a section
                              "url = ftp://x\n"       // 4: scheme
                              "log_level = loud\n"    // 5
                              "log_level = info\n"    // 6: twice
                              "nonsense\n"            // 7
                              "ca_file = /no/such\n"  // 8
  );
  const LoadedSettings loaded =
      load_settings(flags({"--limit-rate", "fast"}), {{"ROOTLET_PROXY", "p"}}, file);
  const std::string name = file.string();
  CHECK(loaded.mistakes.size() == 10);
  CHECK(has_mistake(loaded, name + ":1", "poll"));
  CHECK(has_mistake(loaded, name + ":2", "pol"));
  CHECK(has_mistake(loaded, name + ":3", ""));
  CHECK(has_mistake(loaded, name + ":4", "url"));
  CHECK(has_mistake(loaded, name + ":5", "log_level"));
  CHECK(has_mistake(loaded, name + ":6", "log_level"));
  CHECK(has_mistake(loaded, name + ":7", ""));
  CHECK(has_mistake(loaded, name + ":8", "ca_file"));
  CHECK(has_mistake(loaded, "--limit-rate", "limit_rate"));
  CHECK(has_mistake(loaded, "ROOTLET_PROXY", "proxy"));

  const Error error = mistakes_error(loaded.mistakes);
  CHECK(exit_code_of(error.code) == 2);
  CHECK(error.message.find(name + ":2: pol: is not a setting") != std::string::npos);
  CHECK(error.message.find("--limit-rate: limit_rate:") != std::string::npos);
}

TEST_CASE("settings: a comment may follow a value, and a '#' inside a word or quotes is none") {
  const SettingFile file = parse_setting_file(
      "poll = 5s   # every five\n"
      "proxy = http://10.0.0.1:8080 ; main\n"
      "url = https://sync.example/#top;x\n"
      "home = \"/srv/a # b\"  # quoted\n"
      "socket =   # empty\n"
      "ca_file = \"/open\n"
      "repository_url = \"a\" b\n",
      "f");
  REQUIRE(file.lines.size() == 5);
  CHECK(file.lines[0].value == "5s");
  CHECK(file.lines[1].value == "http://10.0.0.1:8080");
  CHECK(file.lines[2].value == "https://sync.example/#top;x");
  CHECK(file.lines[3].value == "/srv/a # b");
  CHECK(file.lines[4].value.empty());
  REQUIRE(file.mistakes.size() == 2);
  CHECK(file.mistakes[0].where == "f:6");
  CHECK(file.mistakes[1].where == "f:7");
}

TEST_CASE("settings: a file from a Windows editor is read, or named in one sentence") {
  using namespace std::string_literals;
  const TempDir folder;
  const auto loaded = [&](const std::string& bytes) {
    return load_settings(flags({}), {}, file_with(folder, bytes));
  };
  for (const std::string& good : {"\xEF\xBB\xBF"
                                  "poll = 5s\r\nlog_level = info\r\n"s,
                                  "\xEF\xBB\xBF# first\r\npoll = 5s\r\n"s}) {
    const LoadedSettings read = loaded(good);
    CHECK(read.mistakes.empty());
    CHECK(read.notices.empty());
    CHECK(read.settings.poll == std::chrono::seconds(5));
  }
  const LoadedSettings wide = loaded(
      "\xFF\xFEp\0o\0l\0l\0=\0"
      "5\0s\0\r\0\n\0"s);
  CHECK(wide.mistakes.empty());
  CHECK(wide.settings.poll == std::chrono::seconds(5));
  CHECK(wide.notices.size() == 1);
  const auto mistake = [&](const std::string& bytes) {
    const LoadedSettings read = loaded(bytes);
    REQUIRE(read.mistakes.size() == 1);
    const std::string message = mistakes_error(read.mistakes).message;
    CHECK(message.find(folder.path().string()) != std::string::npos);
    CHECK(is_utf8(message));
    return message;
  };
  CHECK(mistake("# \xC2\xD6\xD1\xAF\npoll = 5s\n").find("GB 18030") != std::string::npos);
  CHECK(mistake("poll = 5s\npro\0xy = x\n"s).find("line 2, column 4") != std::string::npos);
}

TEST_CASE("settings: a variable that is not UTF-8 is a mistake, without its bytes") {
  const LoadedSettings loaded =
      load_settings(flags({}), {{"ROOTLET_HOME", "/srv/\xCD\xF5"}}, "/nonexistent");
  REQUIRE(loaded.mistakes.size() == 1);
  CHECK(loaded.mistakes[0].where == "ROOTLET_HOME");
  CHECK(is_utf8(mistakes_error(loaded.mistakes).message));
  CHECK(is_utf8(origin(loaded, "home").value));
}

TEST_CASE("settings: a file that was asked for must exist, the default one need not") {
  const TempDir folder;
  CHECK(load_settings(flags({}), {}, folder / "none").mistakes.empty());
  CHECK(load_settings(flags({"--config", (folder / "none").string()}), {}).mistakes.size() == 1);
  const Environment named{{"ROOTLET_CONFIG", (folder / "none").string()}};
  CHECK(load_settings(flags({}), named, folder / "other").mistakes.size() == 1);
}

TEST_CASE("settings: a value that cannot be honoured is refused") {
  const auto refused = [](std::vector<std::string> words) {
    return load_settings(flags(std::move(words)), {}, "/nonexistent").mistakes.size() == 1;
  };
  CHECK(refused({"--poll", "0s"}));
  CHECK(refused({"--poll", "25h"}));
  CHECK(refused({"--limit-rate", "10"}));
  CHECK(refused({"--socket-group", "no-such-group-here"}));
  CHECK(refused({"--home", ""}));
  CHECK(refused({"--home", "/" + std::string(120, 'h')}));  // its socket's path would be too long
  CHECK_FALSE(refused({"--poll", "1d"}));
}

TEST_CASE("settings: a variable that names no setting is mentioned") {
  const Environment environment{{"ROOTLET_POL", "1m"}, {"ROOTLET_REALM", "x"}, {"HOME", "y"}};
  const LoadedSettings loaded = load_settings(flags({}), environment, "/nonexistent");
  CHECK(loaded.mistakes.empty());
  REQUIRE(loaded.notices.size() == 1);
  CHECK(loaded.notices.front().starts_with("ROOTLET_POL "));
}

TEST_CASE("units: durations and rates need a sensible unit") {
  CHECK(must(parse_duration("30s")) == std::chrono::seconds(30));
  CHECK(must(parse_duration("2h")) == std::chrono::hours(2));
  CHECK(must(parse_duration("200ms")) == std::chrono::milliseconds(200));
  CHECK(must(parse_duration("1d")) == std::chrono::hours(24));
  for (const char* bad : {"", "5", "m", "-5m", "5 m", "1.5h", "5mm", "99999999999999999999s"}) {
    CAPTURE(bad);
    CHECK(parse_duration(bad).has_error());
  }
  CHECK(must(parse_byte_rate("0")) == 0);
  CHECK(must(parse_byte_rate("100k")) == 100'000);
  CHECK(must(parse_byte_rate("1M")) == 1'000'000);
  CHECK(must(parse_byte_rate("1G")) == 1'000'000'000);
  for (const char* bad : {"", "k", "-1", "1 M", "0x10"}) {
    CAPTURE(bad);
    CHECK(parse_byte_rate(bad).has_error());
  }
  CHECK(format_duration(std::chrono::seconds(90)) == "90s");
  CHECK(format_duration(std::chrono::minutes(5)) == "5m");
  CHECK(format_duration(std::chrono::milliseconds(1500)) == "1500ms");
}

TEST_CASE("settings: hours and the month's bytes are read as people write them") {
  const TempDir folder;
  const auto file =
      file_with(folder, "download_hours = 22:00-06:00,12:00-13:30\nmonthly_bytes = 500M\n");
  const LoadedSettings loaded = load_settings(flags({}), {}, file);
  REQUIRE(loaded.mistakes.empty());
  CHECK(loaded.settings.monthly_bytes == 500'000'000);
  REQUIRE(loaded.settings.download_hours.size() == 2);
  const DayWindow night = loaded.settings.download_hours[0];
  CHECK(night.holds(22 * 60));
  CHECK(night.holds(0));
  CHECK(night.holds(5 * 60 + 59));
  CHECK_FALSE(night.holds(6 * 60));
  CHECK_FALSE(night.holds(21 * 60 + 59));
  const DayWindow noon = loaded.settings.download_hours[1];
  CHECK(noon.holds(12 * 60));
  CHECK_FALSE(noon.holds(13 * 60 + 30));
  CHECK(load_settings(flags({}), {}, folder / "none").settings.download_hours.empty());
}

TEST_CASE("settings: hours and bytes that mean nothing are mistakes") {
  for (const char* text : {"22-06", "22:00", "22:00-22:00", "25:00-06:00", "22:60-06:00", "a:b-c:d",
                           "22:00-06:00,", ",22:00-06:00", "22:00-06:00 ", "+2:00-06:00"}) {
    CAPTURE(text);
    CHECK(parse_day_windows(text).has_error() == (std::string_view(text) != "22:00-06:00,"));
  }
  CHECK(must(parse_day_windows("00:00-24:00")).front().holds(1439));
  CHECK(must(parse_byte_count("2G")) == 2'000'000'000);
  CHECK(must(parse_byte_count("0")) == 0);
  for (const char* text : {"", "M", "-1", "1.5G", "5 M", "5m", "9999999999G"}) {
    CAPTURE(text);
    CHECK(parse_byte_count(text).has_error());
  }
}
