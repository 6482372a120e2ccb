// The definitions as JSON, parsed by the same strict parser as all other forms.
#include "sync/uplink/form/kinds.hpp"

#include <array>
#include <cstdlib>

namespace rootlet {
namespace {

constexpr std::string_view kCorrection = R"json({
  "id": "correction", "version": 1, "review": "manual",
  "title": {"zh": "数据校核", "en": "Correction"},
  "purpose": {"zh": "纠正共享数据中的错误", "en": "Correct an error in shared data"},
  "basis": {"zh": "国务院令第809号第二十六条", "en": "State Council Order 809, Art. 26"},
  "unit": {"zh": "数据提供部门", "en": "The unit that provides the data"}, "contact": "-",
  "retention_days": 1095,
  "fields": [
    {"name": "dataset", "type": "text", "max_length": 64, "required": true},
    {"name": "row_key", "type": "text", "max_length": 1000, "required": true},
    {"name": "column", "type": "text", "max_length": 64, "required": true},
    {"name": "version", "type": "integer", "min": 0, "required": true},
    {"name": "value", "type": "text", "max_length": 16000},
    {"name": "reason", "type": "choice", "required": true, "choices": [
      {"value": "completeness", "title": {"zh": "不完整", "en": "Incomplete"}},
      {"value": "accuracy", "title": {"zh": "不准确", "en": "Not accurate"}},
      {"value": "timeliness", "title": {"zh": "已过时", "en": "Out of date"}},
      {"value": "consistency", "title": {"zh": "与其他数据矛盾", "en": "Contradicts other data"}},
      {"value": "normality", "title": {"zh": "格式不规范", "en": "Not in its proper form"}},
      {"value": "accessibility", "title": {"zh": "无法使用", "en": "Cannot be used"}}]},
    {"name": "note", "type": "text", "max_length": 4000}]})json";

constexpr std::string_view kRequest = R"json({
  "id": "request", "version": 1, "review": "manual",
  "title": {"zh": "共享申请", "en": "Sharing request"},
  "purpose": {"zh": "申请使用共享数据", "en": "Ask for the use of shared data"},
  "basis": {"zh": "国务院令第809号第二十条", "en": "State Council Order 809, Art. 20"},
  "unit": {"zh": "数据提供部门", "en": "The unit that provides the data"}, "contact": "-",
  "retention_days": 1095,
  "fields": [
    {"name": "dataset", "type": "text", "max_length": 64, "required": true},
    {"name": "basis", "type": "text", "max_length": 4000, "required": true},
    {"name": "scenario", "type": "text", "max_length": 4000, "required": true},
    {"name": "divisions", "type": "text", "max_length": 4000},
    {"name": "purposes", "type": "text", "max_length": 4000},
    {"name": "until", "type": "date"},
    {"name": "note", "type": "text", "max_length": 4000}]})json";

constexpr std::string_view kDisposal = R"json({
  "id": "disposal", "version": 1,
  "title": {"zh": "数据处置证明", "en": "Disposal certificate"},
  "purpose": {"zh": "证明缓存数据已销毁", "en": "Certify that cached data is destroyed"},
  "basis": {"zh": "国务院令第809号第二十七条", "en": "State Council Order 809, Art. 27"},
  "unit": {"zh": "数据使用部门", "en": "The unit that used the data"}, "contact": "-",
  "retention_days": 1095,
  "fields": [
    {"name": "dataset", "type": "text", "max_length": 64, "required": true},
    {"name": "rows", "type": "integer", "min": 0},
    {"name": "partitions", "type": "text", "max_length": 4000},
    {"name": "disposed_at", "type": "datetime", "required": true},
    {"name": "reason", "type": "choice", "required": true, "choices": [
      {"value": "lease_ended", "title": {"zh": "租期届满", "en": "The lease ended"}},
      {"value": "grant_ended", "title": {"zh": "授权终止", "en": "The grant ended"}},
      {"value": "emergency_ended", "title": {"zh": "应急授权终止", "en": "The emergency grant ended"}},
      {"value": "order", "title": {"zh": "处置指令", "en": "An order"}},
      {"value": "revoked", "title": {"zh": "单位注销", "en": "The office was revoked"}},
      {"value": "decommission", "title": {"zh": "终端退役", "en": "Decommissioned"}}]},
    {"name": "grant_version", "type": "integer", "min": 0}]})json";

constexpr std::string_view kIncident = R"json({
  "id": "incident", "version": 1, "review": "manual",
  "title": {"zh": "安全事件", "en": "Incident"},
  "purpose": {"zh": "报告疑似泄露、篡改或丢失", "en": "Report a suspected leak, change or loss"},
  "basis": {"zh": "个人信息保护法第五十七条", "en": "PIPL Art. 57"},
  "unit": {"zh": "平台运维部门", "en": "The platform's operator"}, "contact": "-",
  "retention_days": 1095,
  "fields": [
    {"name": "what", "type": "choice", "required": true, "choices": [
      {"value": "leak", "title": {"zh": "泄露", "en": "Leak"}},
      {"value": "tamper", "title": {"zh": "篡改", "en": "Tampering"}},
      {"value": "loss", "title": {"zh": "设备丢失", "en": "Lost device"}},
      {"value": "other", "title": {"zh": "其他", "en": "Other"}}]},
    {"name": "noticed_at", "type": "datetime", "required": true},
    {"name": "dataset", "type": "text", "max_length": 64},
    {"name": "rows", "type": "integer", "min": 0},
    {"name": "note", "type": "text", "max_length": 4000}]})json";

// These texts are part of the program, so a parse error is a bug.
FormDefinition parsed(std::string_view text) {
  Result<FormDefinition> form = FormDefinition::parse(text, "built-in form");
  if (form.has_error()) std::abort();
  return std::move(form).value();
}

}  // namespace

const FormDefinition* builtin_form(std::string_view kind) {
  static const std::array<FormDefinition, 4> kForms = {parsed(kCorrection), parsed(kRequest),
                                                       parsed(kDisposal), parsed(kIncident)};
  for (const FormDefinition& form : kForms) {
    if (form.id == kind) return &form;
  }
  return nullptr;
}

}  // namespace rootlet
