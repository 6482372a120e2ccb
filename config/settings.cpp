// The list of settings (kDescriptions), how each value is checked, and where it comes from.
#include "config/settings.hpp"

#include <grp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "config/realm_places.hpp"
#include "config/setting_file.hpp"
#include "config/units.hpp"
#include "core/local_limits.hpp"
#include "core/unicode/utf8.hpp"

namespace rootlet {
namespace {

Status set_absolute_path(std::filesystem::path& out, const std::string& text) {
  if (text.empty()) return bad_input("must name a path", "path");
  std::error_code failed;
  out = std::filesystem::absolute(text, failed).lexically_normal();
  if (failed) return bad_input("is not a path", "path");
  return ok();
}

Status set_home(Settings& settings, const std::string& text) {
  return set_absolute_path(settings.home, text);
}

// The kernel's limit on a Unix socket's path, less the character that it has more while it is
// being created.
constexpr std::size_t kSocketPathBytes = 106;

Status set_socket(Settings& settings, const std::string& text) {
  if (text.empty()) {
    settings.socket.clear();
    return ok();
  }
  return set_absolute_path(settings.socket, text);
}

Status set_socket_group(Settings& settings, const std::string& text) {
  settings.socket_group = text;
  if (!text.empty() && ::getgrnam(text.c_str()) == nullptr) {
    return bad_input("there is no group '" + text + "' on this machine; create it (groupadd " +
                         text + ") or name another",
                     "group");
  }
  return ok();
}

// The group need not exist: then nobody holds the role, and a refusal names it.
Status set_clerk_group(Settings& settings, const std::string& text) {
  settings.clerk_group = text;
  return ok();
}

Status set_operator_group(Settings& settings, const std::string& text) {
  settings.operator_group = text;
  return ok();
}

Status set_auditor_group(Settings& settings, const std::string& text) {
  settings.auditor_group = text;
  return ok();
}

bool has_scheme(const std::string& url, std::initializer_list<std::string_view> schemes) {
  return std::any_of(schemes.begin(), schemes.end(), [&](std::string_view scheme) {
    return url.starts_with(scheme) && url.size() > scheme.size();
  });
}

Status set_url(Settings& settings, const std::string& text) {
  settings.url = text;
  if (!text.empty() && !has_scheme(text, {"http://", "https://"})) {
    return bad_input("must begin with http:// or https://", "url");
  }
  return ok();
}

Status set_repository_url(Settings& settings, const std::string& text) {
  settings.repository_url = text;
  if (!text.empty() && !has_scheme(text, {"http://", "https://", "file:///", "/"})) {
    return bad_input("must begin with http://, https:// or file:///, or be a folder", "url");
  }
  return ok();
}

Status set_poll(Settings& settings, const std::string& text) {
  ROOTLET_TRY(settings.poll, parse_duration(text));
  if (settings.poll < std::chrono::milliseconds(100) || settings.poll > std::chrono::hours(24)) {
    return bad_input("must be between 100ms and 1d", "duration");
  }
  return ok();
}

Status set_limit_rate(Settings& settings, const std::string& text) {
  ROOTLET_TRY(settings.limit_rate, parse_byte_rate(text));
  if (settings.limit_rate != 0 && settings.limit_rate < 500) {
    return bad_input("must be 0 (no limit) or at least 500 bytes per second", "rate");
  }
  return ok();
}

Status set_download_hours(Settings& settings, const std::string& text) {
  ROOTLET_TRY(settings.download_hours, parse_day_windows(text));
  return ok();
}

Status set_monthly_bytes(Settings& settings, const std::string& text) {
  ROOTLET_TRY(settings.monthly_bytes, parse_byte_count(text));
  return ok();
}

constexpr std::array<std::pair<std::string_view, LogLevel>, 4> kLogLevels{{
    {"debug", LogLevel::kDebug},
    {"info", LogLevel::kInfo},
    {"warning", LogLevel::kWarning},
    {"error", LogLevel::kError},
}};

Status set_log_level(Settings& settings, const std::string& text) {
  for (const auto& [name, level] : kLogLevels) {
    if (name != text) continue;
    settings.log_level = level;
    return ok();
  }
  return bad_input("'" + text + "' is none of debug, info, warning, error", "level");
}

Status set_ca_file(Settings& settings, const std::string& text) {
  settings.ca_file = text;
  if (!text.empty() && ::access(text.c_str(), R_OK) != 0) {
    return bad_input("'" + text + "' cannot be read", "file");
  }
  return ok();
}

Status set_proxy(Settings& settings, const std::string& text) {
  settings.proxy = text;
  if (!text.empty() && !has_scheme(text, {"http://", "https://", "socks5://", "socks5h://"})) {
    return bad_input("must begin with http://, https://, socks5:// or socks5h://", "url");
  }
  return ok();
}

// A host and a port; whether the host can be used shows when it listens.
Status check_listen(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const bool has_port = colon != std::string_view::npos && colon > 0 && colon + 1 < text.size() &&
                        text.find_first_not_of("0123456789", colon + 1) == std::string_view::npos;
  return has_port ? ok() : Status(bad_input("must be HOST:PORT", "address"));
}

bool is_loopback(std::string_view host) {
  const bool is_number = host.find_first_not_of("0123456789.") == std::string_view::npos;
  return (is_number && host.starts_with("127.")) || host == "localhost" || host == "[::1]";
}

Status set_api_listen(Settings& settings, const std::string& text) {
  settings.api_listen = text;
  if (text == "auto" || text == "off") return ok();
  ROOTLET_TRY(check_listen(text));
  if (is_loopback(std::string_view(text).substr(0, text.rfind(':')))) return ok();
  return bad_input("must be auto, off, or a loopback address such as 127.0.0.1:8460", "address",
                   {.en = "console_listen opens the console on the office's network.",
                    .zh = "在办公网络上开放控制台请用 console_listen。"});
}

Status set_console_listen(Settings& settings, const std::string& text) {
  settings.console_listen = text == "off" ? "" : text;
  return settings.console_listen.empty() ? ok() : check_listen(text);
}

Status set_console_names(Settings& settings, const std::string& text) {
  settings.console_names.clear();
  std::string_view left = text;
  while (!left.empty()) {
    const std::size_t comma = std::min(left.find(','), left.size());
    const std::string_view name = left.substr(0, comma);
    left.remove_prefix(std::min(comma + 1, left.size()));
    const bool fits =
        !name.empty() && name.size() <= 253 &&
        name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-:") == std::string_view::npos;
    if (!fits || settings.console_names.size() == limits::kConsoleNames) {
      return bad_input("must be at most " + std::to_string(limits::kConsoleNames) +
                           " host names or addresses in lower case, with commas",
                       "names");
    }
    settings.console_names.emplace_back(name);
  }
  return ok();
}

Status set_console_idle(Settings& settings, const std::string& text) {
  ROOTLET_TRY(settings.console_idle, parse_duration(text));
  if (settings.console_idle < std::chrono::seconds(1) ||
      settings.console_idle > std::chrono::hours(24)) {
    return bad_input("must be between 1s and 1d", "duration");
  }
  return ok();
}

// "tpm" is the machine's own.
Status set_anchor(Settings& settings, const std::string& text) {
  settings.anchor = text == "off" ? "" : text == "tpm" ? "device:/dev/tpmrm0" : text;
  const bool is_named = text == "off" || settings.anchor.find(':') != std::string::npos;
  return is_named ? ok() : Status(bad_input("must be tpm, off, or KIND:PLACE", "anchor"));
}

// The flag is the key with '-' for '_', the variable is ROOTLET_<KEY>.
struct Description {
  std::string_view key;
  std::string_view value_name;
  std::string_view fallback;
  std::string_view en, zh;
  Status (*set)(Settings&, const std::string&);
};

const std::array kDescriptions = {
    Description{"home", "DIR", "/var/lib/rootlet", "the folder of all data", "数据目录", set_home},
    Description{"socket", "PATH", "", "the local socket; DIR/agent.sock unless set",
                "本地套接字，默认为数据目录下的 agent.sock", set_socket},
    Description{"socket_group", "GROUP", "",
                "the group whose members may connect; every user unless set",
                "可连接套接字的用户组，不设则不限，由角色决定权限", set_socket_group},
    Description{"clerk_group", "GROUP", "rootlet-clerk",
                "the group of clerks, who read granted data and collect",
                "经办员用户组，可读取获授权的数据并采集", set_clerk_group},
    Description{"operator_group", "GROUP", "rootlet-operator",
                "the group of operators, who run and diagnose the agent",
                "运维员用户组，可运行和检查代理程序", set_operator_group},
    Description{"auditor_group", "GROUP", "rootlet-auditor",
                "the group of auditors, who read the ledger", "审计员用户组，可查看台账",
                set_auditor_group},
    Description{"url", "URL", "", "the platform's address instead of the invitation's",
                "平台地址，覆盖邀请文件中的地址", set_url},
    Description{"repository_url", "URL", "", "where published files are fetched from",
                "发布文件的下载地址", set_repository_url},
    Description{"poll", "TIME", "60s", "time between two checks for updates, 100ms to 1d",
                "检查更新的间隔，100ms 至 1d", set_poll},
    Description{"limit_rate", "RATE", "0",
                "highest rate in bytes per second, such as 100k; 0 is no limit",
                "最高速率（字节每秒），如 100k；0 为不限", set_limit_rate},
    Description{"download_hours", "HOURS", "",
                "when data is fetched, such as 22:00-06:00,12:00-13:30; always unless set",
                "允许下载数据的时段，如 22:00-06:00,12:00-13:30；不设则不限", set_download_hours},
    Description{"monthly_bytes", "BYTES", "0",
                "bytes a month, such as 500M, beyond which data is deferred; 0 is no limit",
                "每月流量上限，如 500M，超出后暂缓下载数据；0 为不限", set_monthly_bytes},
    Description{"log_level", "LEVEL", "info", "debug, info, warning or error",
                "日志级别：debug、info、warning 或 error", set_log_level},
    Description{"ca_file", "FILE", "", "certificates to trust instead of the system's",
                "代替系统证书库的可信证书文件", set_ca_file},
    Description{"proxy", "URL", "", "a proxy for all requests", "所有请求使用的代理", set_proxy},
    Description{
        "api_listen", "HOST:PORT", "auto",
        "where the local API and console listen on this machine: auto is 127.0.0.1:8460, or "
        "any free port if that one is taken; off",
        "本机接口与控制台的监听地址：auto 为 127.0.0.1:8460（被占用时任选空闲端口）；off "
        "为关闭",
        set_api_listen},
    Description{"console_listen", "HOST:PORT", "off",
                "where the console listens on the office's network, with TLS, for paired browsers",
                "控制台在办公网络上的监听地址（TLS，仅限已配对的浏览器）；默认关闭",
                set_console_listen},
    Description{"console_names", "A,B", "",
                "names and addresses of this machine on the office's network; its host name unless "
                "set",
                "本机在办公网络上的名称或地址，默认为主机名", set_console_names},
    Description{"console_idle", "DURATION", "15m",
                "a console session ends after so long without use", "控制台会话闲置多久后结束",
                set_console_idle},
    Description{"anchor", "TPM", "off",
                "a TPM that finds out a home that was copied back: tpm is this machine's, "
                "KIND:PLACE another as libtss2 names it",
                "用 TPM 识别被还原的旧数据目录：tpm 为本机 TPM，或按 libtss2 写法指定", set_anchor},
};

std::string flag_of(std::string_view key) {
  std::string flag(key);
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

ValueType type_of(std::string_view value_name) {
  if (value_name == "DIR") return ValueType::kFolder;
  return value_name == "FILE" || value_name == "PATH" ? ValueType::kFile : ValueType::kText;
}

std::string variable_of(std::string_view key) {
  std::string variable = "ROOTLET_";
  for (const char c : key) variable.push_back(static_cast<char>(std::toupper(c)));
  return variable;
}

std::string known_keys() {
  std::string out;
  for (const Description& one : kDescriptions) {
    out += (out.empty() ? "" : ", ") + std::string(one.key);
  }
  return out;
}

const Description* find_description(std::string_view key) {
  for (const Description& one : kDescriptions) {
    if (one.key == key) return &one;
  }
  return nullptr;
}

// The lines of a file by key; unknown and doubled keys become mistakes.
std::map<std::string, SettingLine> known_lines(const SettingFile& file,
                                               std::vector<SettingMistake>& mistakes) {
  std::map<std::string, SettingLine> out;
  for (const SettingLine& line : file.lines) {
    if (find_description(line.key) == nullptr) {
      mistakes.push_back({line.where, line.key, "is not a setting; there are: " + known_keys()});
    } else if (!out.emplace(line.key, line).second) {
      mistakes.push_back({line.where, line.key, "is set twice, first at " + out[line.key].where});
    }
  }
  return out;
}

// The places of --realm; nullopt without that flag. A name that does not fit is a mistake.
std::optional<RealmPlaces> read_realm(const Arguments& flags, LoadedSettings& out) {
  if (!flags.has("realm")) return std::nullopt;
  out.settings.realm = flags.value("realm");
  Result<RealmPlaces> places = places_of_realm(out.settings.realm);
  if (places.has_value()) return std::move(places.value());
  out.mistakes.push_back({"--realm", "realm", places.error().message});
  return std::nullopt;
}

// What --realm says about the setting `key`; empty if it says nothing.
std::string value_of_realm(const std::optional<RealmPlaces>& realm, std::string_view key) {
  if (!realm) return {};
  if (key == "home") return realm->home.string();
  return key == "socket" ? realm->socket.string() : std::string();
}

SettingOrigin origin_of(const Description& one, const Arguments& flags,
                        const std::optional<RealmPlaces>& realm,
                        const std::map<std::string, std::string>& environment,
                        const std::map<std::string, SettingLine>& lines) {
  const std::string key(one.key);
  const std::string flag = flag_of(key);
  if (flags.has(flag)) return {key, flags.value(flag), "flag", "--" + flag};
  const std::string of_realm = value_of_realm(realm, key);
  if (!of_realm.empty()) return {key, of_realm, "flag", "--realm"};
  const std::string variable = variable_of(key);
  if (const auto found = environment.find(variable); found != environment.end()) {
    return {key, found->second, "environment", variable};
  }
  // The socket of a settings file leads to the daemon of the home in that file, not of another one.
  const bool is_of_another_home =
      key == "socket" && (flags.has("home") || environment.contains(variable_of("home")));
  const auto found = lines.find(key);
  if (found != lines.end() && !is_of_another_home) {
    return {key, found->second.value, "file", found->second.where};
  }
  return {key, std::string(one.fallback), "default", ""};
}

void note_strangers(const std::map<std::string, std::string>& environment, LoadedSettings& out) {
  // The same environment may hold the platform's variable.
  constexpr std::array<std::string_view, 2> kOthers = {"ROOTLET_CONFIG", "ROOTLET_REALM"};
  for (const auto& [name, value] : environment) {
    if (!name.starts_with("ROOTLET_")) continue;
    const bool known =
        std::any_of(kDescriptions.begin(), kDescriptions.end(),
                    [&](const Description& one) { return variable_of(one.key) == name; });
    const bool other = std::find(kOthers.begin(), kOthers.end(), name) != kOthers.end();
    if (!known && !other) out.notices.push_back(name + " names no setting and has no effect");
  }
}

SettingFile read_if_there(const std::filesystem::path& file) {
  std::error_code ignored;
  return std::filesystem::exists(file, ignored) ? read_setting_file(file) : SettingFile();
}

SettingFile file_to_read(const Arguments& flags, const std::optional<RealmPlaces>& realm,
                         const std::map<std::string, std::string>& environment,
                         const std::filesystem::path& default_file) {
  if (flags.has("config")) return read_setting_file(flags.value("config"));
  if (realm) return read_if_there(realm->config_file);
  const auto variable = environment.find("ROOTLET_CONFIG");
  if (variable != environment.end()) return read_setting_file(variable->second);
  return read_if_there(default_file);
}

// A realm's file that names another home or socket would split the realm in two.
void refuse_other_places(const std::map<std::string, SettingLine>& lines,
                         const std::optional<RealmPlaces>& realm,
                         std::vector<SettingMistake>& mistakes) {
  for (const auto& [key, line] : lines) {
    const std::string of_realm = value_of_realm(realm, key);
    if (of_realm.empty() || of_realm == line.value) continue;
    mistakes.push_back({line.where, key, "is " + of_realm + " with --realm; remove this line"});
  }
}

// The default socket is in the home, so it is settled last.
void settle_socket(LoadedSettings& out) {
  if (out.settings.socket.empty()) out.settings.socket = out.settings.home / "agent.sock";
  for (SettingOrigin& origin : out.origins) {
    if (origin.key != "socket") continue;
    origin.value = out.settings.socket.string();
    if (origin.value.size() <= kSocketPathBytes) return;
    out.mistakes.push_back({origin.where, "socket",
                            "'" + origin.value + "' is longer than the " +
                                std::to_string(kSocketPathBytes) +
                                " bytes that a socket's path may have"});
  }
}

}  // namespace

std::vector<OptionSpec> setting_options() {
  std::vector<OptionSpec> out;
  out.push_back(
      {.name = "config",
       .value_name = "FILE",
       .help = {.en = "settings, key = value; " + std::string(kDefaultConfigFile) + " if it exists",
                .zh = "配置文件（key = value），默认 " + std::string(kDefaultConfigFile)},
       .type = ValueType::kFile});
  out.push_back({.name = "realm",
                 .value_name = "NAME",
                 .help = {.en = "the realm of this name on a machine with several: home "
                                "/var/lib/rootlet-NAME, settings /etc/rootlet/NAME.conf",
                          .zh = "本机有多个域时按名称选择：目录 /var/lib/rootlet-NAME，配置 "
                                "/etc/rootlet/NAME.conf"}});
  for (const Description& one : kDescriptions) {
    out.push_back({.name = flag_of(one.key),
                   .value_name = std::string(one.value_name),
                   .help = {.en = std::string(one.en), .zh = std::string(one.zh)},
                   .type = type_of(one.value_name)});
    if (one.key != "log_level") continue;
    for (const auto& [name, level] : kLogLevels) out.back().choices.emplace_back(name);
  }
  return out;
}

LoadedSettings load_settings(const Arguments& flags,
                             const std::map<std::string, std::string>& environment,
                             const std::filesystem::path& default_file) {
  LoadedSettings out;
  const std::optional<RealmPlaces> realm = read_realm(flags, out);
  SettingFile file = file_to_read(flags, realm, environment, default_file);
  for (SettingMistake& mistake : file.mistakes) out.mistakes.push_back(std::move(mistake));
  if (!file.notice.empty()) out.notices.push_back(file.notice.in(language_from_environment()));
  const std::map<std::string, SettingLine> lines = known_lines(file, out.mistakes);
  refuse_other_places(lines, realm, out.mistakes);
  for (const Description& one : kDescriptions) {
    SettingOrigin origin = origin_of(one, flags, realm, environment, lines);
    if (!is_utf8(origin.value)) {
      out.mistakes.push_back({origin.where, origin.key, "is not UTF-8 text"});
      origin.value = repaired_utf8(origin.value);
    }
    const Status set = one.set(out.settings, origin.value);
    if (set.has_error()) {
      out.mistakes.push_back({origin.where, origin.key, set.error().message});
    }
    out.origins.push_back(std::move(origin));
  }
  settle_socket(out);
  note_strangers(environment, out);
  return out;
}

std::map<std::string, std::string> process_environment() {
  std::map<std::string, std::string> out;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    out.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return out;
}

Error mistakes_error(std::span<const SettingMistake> mistakes) {
  std::string message = "the configuration cannot be used:";
  for (const SettingMistake& mistake : mistakes) {
    message += "\n  " + mistake.where + (mistake.where.empty() ? "" : ": ") + mistake.key +
               (mistake.key.empty() ? "" : ": ") + mistake.message;
  }
  return Error(ErrorCode::kUsage, std::move(message), mistakes.empty() ? "" : mistakes.front().key);
}

}  // namespace rootlet
