// Matches a message against the catalogue: the whole first, then the parts around each ": ".
#include "config/output/message_text.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "config/output/message_catalogue.hpp"

namespace rootlet {
namespace {

constexpr int kDeepest = 6;  // contexts before a message: "record 2: open home: …"

std::string in_chinese(std::string_view word) {
  for (const MessageTemplate& each : message_words()) {
    if (each.en == word) return std::string(each.zh);
  }
  return std::string(word);
}

// What is in place of each {} of `pattern` in `message`; nothing if they do not match.
std::optional<std::vector<std::string_view>> match(std::string_view pattern,
                                                   std::string_view message) {
  std::vector<std::string_view> values;
  std::size_t hole = pattern.find("{}");
  if (!message.starts_with(pattern.substr(0, hole))) return {};
  if (hole == std::string_view::npos) {
    return message == pattern ? std::optional(std::move(values)) : std::nullopt;
  }
  std::string_view before = pattern.substr(0, hole);
  message.remove_prefix(hole);
  while (hole != std::string_view::npos) {
    pattern.remove_prefix(hole + 2);
    hole = pattern.find("{}");
    const std::string_view literal = pattern.substr(0, hole);
    const bool is_last = hole == std::string_view::npos;
    if (is_last && !message.ends_with(literal)) return {};
    // A value has at least one character; the last one takes all that is left.
    const std::size_t end = is_last && message.size() >= literal.size()
                                ? message.size() - literal.size()
                                : message.find(literal, 1);
    if (end == std::string_view::npos || end == 0) return {};
    const std::string_view value = message.substr(0, end);
    // Else the value would swallow the message behind a context.
    const bool may_go_on = before.ends_with(": ");
    if (!may_go_on && value.find(": ") != std::string_view::npos) return {};
    values.push_back(value);
    message.remove_prefix(end + literal.size());
    before = literal;
  }
  return values;
}

std::string filled(std::string_view zh, const std::vector<std::string_view>& values) {
  std::string out;
  for (std::size_t i = 0; i < zh.size(); ++i) {
    const bool is_hole = zh[i] == '{' && i + 2 < zh.size() && zh[i + 2] == '}';
    const std::size_t number = is_hole ? static_cast<std::size_t>(zh[i + 1] - '1') : 0;
    if (!is_hole || number >= values.size()) {
      out += zh[i];
      continue;
    }
    out += in_chinese(values[number]);
    i += 2;
  }
  return out;
}

std::optional<std::string> whole(std::string_view message) {
  for (const MessageTemplate& each : message_templates()) {
    if (const auto values = match(each.en, message)) return filled(each.zh, *values);
  }
  const std::string word = in_chinese(message);
  return word == message ? std::nullopt : std::optional(word);
}

std::optional<std::string> translated(std::string_view message, int depth) {
  if (std::optional<std::string> found = whole(message)) return found;
  if (depth == kDeepest) return {};
  std::optional<std::string> partly;
  for (std::size_t at = message.find(": "); at != std::string_view::npos;
       at = message.find(": ", at + 2)) {
    const std::string_view before = message.substr(0, at), after = message.substr(at + 2);
    std::optional<std::string> left = whole(before);
    if (const auto right = translated(after, depth + 1)) {
      return left.value_or(std::string(before)) + "：" + *right;
    }
    if (left && !partly) partly = *left + "：" + std::string(after);
  }
  return partly;
}

}  // namespace

std::optional<std::string> chinese_message(std::string_view message) {
  std::string out;
  bool is_known = false;
  while (true) {
    const std::size_t end = message.find('\n');
    std::string_view line = message.substr(0, end);
    const std::size_t text = std::min(line.find_first_not_of(' '), line.size());
    out += line.substr(0, text);
    line.remove_prefix(text);
    const std::optional<std::string> found = translated(line, 0);
    is_known = is_known || found;
    out += found.value_or(std::string(line));
    if (end == std::string_view::npos) break;
    out += '\n';
    message.remove_prefix(end + 1);
  }
  return is_known ? std::optional(out) : std::nullopt;
}

std::string error_text(const Error& error, Language language) {
  if (language != Language::kChinese) return error.message;
  if (std::optional<std::string> found = chinese_message(error.message)) return *found;
  return kind_text(error.code).zh + "：" + error.message;
}

Text kind_text(ErrorCode code) {
  constexpr std::array<std::pair<ErrorCode, MessageTemplate>, 14> kKinds{{
      {ErrorCode::kInternal, {"internal error", "程序内部错误"}},
      {ErrorCode::kUsage, {"wrong usage", "用法或配置有误"}},
      {ErrorCode::kUnreachable, {"not reachable", "无法连接"}},
      {ErrorCode::kUntrusted, {"not trusted", "签名或内容校验未通过"}},
      {ErrorCode::kNotPermitted, {"not permitted", "未获授权"}},
      {ErrorCode::kNoAccess, {"no access", "无使用权限"}},
      {ErrorCode::kLeaseEnded, {"lease ended", "租期已到"}},
      {ErrorCode::kStorage, {"storage failed", "存储故障"}},
      {ErrorCode::kStorageFull, {"disk full", "磁盘空间不足"}},
      {ErrorCode::kStorageDamaged, {"file damaged", "文件已损坏"}},
      {ErrorCode::kBusy, {"in use", "正被占用"}},
      {ErrorCode::kNotEnrolled, {"not enrolled", "尚未注册"}},
      {ErrorCode::kBadInput, {"bad input", "输入有误"}},
      {ErrorCode::kFork, {"fork", "批次链分叉"}},
  }};
  for (const auto& [one, words] : kKinds) {
    if (one == code) return {.en = std::string(words.en), .zh = std::string(words.zh)};
  }
  return {.en = "error", .zh = "错误"};
}

}  // namespace rootlet
