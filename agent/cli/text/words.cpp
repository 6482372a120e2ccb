// One table for all answers: no word has two meanings in them.
#include "agent/cli/text/words.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "config/output/local_time.hpp"
#include "config/output/message_text.hpp"
#include "core/format/json_values.hpp"

namespace rootlet::agent {
namespace {

using Entry = std::pair<std::string_view, std::string_view>;

constexpr Entry kWords[] = {
    // records
    {"draft", "草稿"},
    {"saved", "已保存"},
    {"sealed", "已封装"},
    {"received", "已接收"},
    {"accepted", "已采纳"},
    {"returned", "已退回"},
    // streams and datasets
    {"current", "最新"},
    {"behind", "待更新"},
    {"damaged", "已损坏"},
    {"missing", "未到达"},
    {"stale", "可能过时"},
    // access
    {"open", "可用"},
    {"revoked", "已注销"},
    {"suspended", "已暂停"},
    {"ended", "租期已到"},
    {"erase", "待销毁"},
    {"not_granted", "未授权"},
    // sharing and update
    {"unconditional", "无条件共享"},
    {"conditional", "有条件共享"},
    {"not_shared", "不予共享"},
    {"realtime", "实时"},
    {"daily", "每日"},
    {"weekly", "每周"},
    {"monthly", "每月"},
    {"quarterly", "每季度"},
    {"yearly", "每年"},
    {"irregular", "不定期"},
    // enrolment and sync
    {"enrolled", "已注册"},
    {"begun", "注册中"},
    {"none", "无"},
    {"ok", "成功"},
    {"poll", "检查更新"},
    {"metadata", "读取签名信息"},
    {"directory", "目录"},
    {"grant", "读取授权"},
    {"data", "下载数据"},
    // the ledger
    {"query", "查询"},
    {"show", "查看"},
    {"search", "搜索"},
    {"prefill", "预填"},
    {"done", "完成"},
    {"started", "已开始"},
    // the doctor's subjects
    {"home", "主目录"},
    {"keys", "密钥"},
    {"enrolment", "注册"},
    {"daemon", "后台程序"},
    {"clock", "时钟"},
    {"link", "网络"},
    {"trust", "信任"},
    {"disk", "磁盘"},
    {"outbox", "发件箱"},
    {"ledger", "台账"},
    {"pages", "页面"},
    {"damage", "损坏"},
    {"erasure", "销毁"},
    {"forks", "分叉"},
    {"lost", "报失"},
    // types of fields and columns
    {"text", "文字"},
    {"integer", "整数"},
    {"decimal", "小数"},
    {"date", "日期"},
    {"datetime", "日期时间"},
    {"boolean", "是/否"},
    {"bytes", "二进制"},
    {"choice", "选项"},
    {"id_card", "身份证号"},
    {"uscc", "统一社会信用代码"},
    {"division", "区划代码"},
    {"phone", "电话"},
};

std::string chinese_word(std::string_view word) {
  for (const auto& [en, zh] : kWords) {
    if (en == word) return std::string(zh);
  }
  constexpr std::string_view kDataset = "dataset ";
  if (word.starts_with(kDataset)) return "数据集 " + std::string(word.substr(kDataset.size()));
  const ErrorCode code = error_code_named(word);
  if (code != ErrorCode::kInternal || word == name_of(code)) return kind_text(code).zh;
  return std::string(word);
}

}  // namespace

std::string word_in(std::string_view word, Language language) {
  if (language == Language::kChinese) return chinese_word(word);
  std::string out(word);
  std::replace(out.begin(), out.end(), '_', ' ');
  return out;
}

std::string with_terms(std::string_view state, const json::object& terms, Language language) {
  const bool zh = language == Language::kChinese;
  const std::string mode = text_at(terms, "mode");
  std::string out = word_in(state, language);
  if (mode == "none") out = zh ? "仅在线查询" : "asked online only";
  if (mode == "verify") out += zh ? "，仅限核验" : ", verify only";
  if (!object_at(terms, "emergency").empty()) out += zh ? "，应急授权" : ", emergency grant";
  return out;
}

std::string words_in(const json::array& words, Language language) {
  std::string out;
  for (const json::value& word : words) {
    if (!word.is_string()) continue;
    out += (out.empty() ? "" : ", ") + word_in(word.get_string(), language);
  }
  return out;
}

std::string time_at(const json::object& object, std::string_view key) {
  return with_local_times(text_at(object, key));
}

}  // namespace rootlet::agent
