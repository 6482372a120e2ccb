// A file of metadata is named "<version>.<role>.json", the timestamp's has no version.
#include "platform/gateway/metrics.hpp"

#include <charconv>
#include <map>
#include <optional>

#include "core/clock.hpp"
#include "core/file/file.hpp"
#include "core/format/json.hpp"
#include "core/limits.hpp"

namespace rootlet::platform {
namespace {

constexpr std::string_view kEnding = ".json";

struct MetadataFile {
  std::string role;
  std::int64_t version = 0;
};

std::optional<MetadataFile> named(std::string_view name) {
  if (!name.ends_with(kEnding)) return std::nullopt;
  name.remove_suffix(kEnding.size());
  MetadataFile file;
  const auto read = std::from_chars(name.data(), name.data() + name.size(), file.version);
  if (read.ec == std::errc{}) name.remove_prefix(static_cast<std::size_t>(read.ptr - name.data()));
  if (name.starts_with('.')) name.remove_prefix(1);
  file.role = name;
  const bool is_clean = name.find_first_of("\"\\\n") == std::string_view::npos;
  return name.empty() || !is_clean ? std::nullopt : std::optional(std::move(file));
}

std::optional<UnixTime> end_of(const std::filesystem::path& path) {
  const Result<std::string> text = read_text_file(path, limits::kTargetsBytes);
  if (text.has_error()) return std::nullopt;
  const Result<json::value> document = parse_json(text.value(), "metadata");
  if (document.has_error() || !document.value().is_object()) return std::nullopt;
  const json::value* content = document.value().get_object().if_contains("signed");
  if (content == nullptr || !content->is_object()) return std::nullopt;
  const json::value* expires = content->get_object().if_contains("expires");
  if (expires == nullptr || !expires->is_string()) return std::nullopt;
  const Result<UnixTime> end = parse_time(std::string_view(expires->get_string()));
  return end.has_error() ? std::nullopt : std::optional(end.value());
}

}  // namespace

std::string role_metrics(const std::filesystem::path& repository) {
  std::map<std::string, std::pair<std::int64_t, fs::path>> newest;  // by role
  std::error_code failed;
  for (fs::directory_iterator at(repository / "metadata", failed), end; !failed && at != end;
       at.increment(failed)) {
    const auto file = named(at->path().filename().string());
    if (!file.has_value()) continue;
    auto& held = newest[file->role];
    if (held.second.empty() || file->version > held.first) held = {file->version, at->path()};
  }
  std::string text =
      "# HELP rootlet_role_ends_seconds When the newest signature of a role ends, in Unix time.\n"
      "# TYPE rootlet_role_ends_seconds gauge\n";
  for (const auto& [role, file] : newest) {
    const std::optional<UnixTime> end = end_of(file.second);
    if (!end.has_value()) continue;
    text += "rootlet_role_ends_seconds{role=\"" + role + "\"} " +
            std::to_string(end->time_since_epoch().count()) + "\n";
  }
  return text;
}

}  // namespace rootlet::platform
