// Normalises values, validates them against a form, and describes each error in words for the
// person at the field.
#include <algorithm>

#include "core/format/json.hpp"
#include "core/format/spelling.hpp"
#include "core/unicode/blank.hpp"
#include "core/unicode/utf8.hpp"
#include "sync/uplink/form/form.hpp"
#include "sync/uplink/form/validators.hpp"

namespace rootlet {
namespace {

struct Flaw {
  std::string_view reason;
  Text words;
};
using MaybeFlaw = std::optional<Flaw>;

bool is_code(FieldType type) {
  return type != FieldType::kText && type != FieldType::kChoice;
}

std::string without_blanks(const FormField& field, std::string_view text) {
  std::string scratch;
  return std::string(is_code(field.type) ? plain_code(text, scratch) : without_blank_ends(text));
}

json::value normalise_text(const FormField& field, std::string_view text) {
  std::string plain = without_blanks(field, text);
  switch (field.type) {
    case FieldType::kIdCard:
    case FieldType::kUscc:
      std::transform(plain.begin(), plain.end(), plain.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
      });
      return json::string(plain);
    case FieldType::kInteger: {
      const std::optional<std::int64_t> number = scaled_decimal(plain, 0);
      return number ? json::value(*number) : json::value(json::string(plain));
    }
    case FieldType::kBoolean:
      if (const auto answer = spelled_boolean(plain)) return *answer;
      return json::string(plain);
    case FieldType::kDate:
      return json::string(spelled_date(plain).value_or(plain));
    case FieldType::kDatetime:
      return json::string(spelled_datetime(plain).value_or(plain));
    default:
      return json::string(plain);
  }
}

json::value normalise_value(const FormField& field, const json::value& value) {
  if (value.is_string()) return normalise_text(field, value.get_string());
  if (field.type == FieldType::kInteger) return value;
  // 1 and 0 are spellings of yes and no. Numbers with places arrive as text (parse_exact_json).
  if (value.is_int64()) return normalise_text(field, std::to_string(value.get_int64()));
  return value;
}

bool is_nothing(const json::value& value) {
  return value.is_null() || (value.is_string() && value.get_string().empty());
}

std::string joined_choices(const FormField& field, Language language) {
  constexpr std::size_t kShown = 8;
  std::string out;
  for (std::size_t i = 0; i < field.choices.size() && i < kShown; ++i) {
    if (i > 0) out += language == Language::kChinese ? "、" : ", ";
    out += field.choices[i].value;
  }
  return field.choices.size() > kShown ? out + " …" : out;
}

Flaw type_flaw(const FormField& field) {
  switch (field.type) {
    case FieldType::kInteger:
      return {"type", {.en = "Write a whole number.", .zh = "请填写整数。"}};
    case FieldType::kBoolean:
      return {"type", {.en = "Answer yes or no (true or false).", .zh = "请填写是或否。"}};
    default:
      return {"type", {.en = "Write text here.", .zh = "此处应填写文字。"}};
  }
}

// The character that does not belong in a code, by its name, for it may be invisible or look like
// another.
MaybeFlaw flaw_of_characters(std::string_view text) {
  if (is_spreadsheet_number(text)) return Flaw{"characters", spreadsheet_number_hint(text)};
  const ForeignCharacter foreign = first_foreign(text);
  if (foreign.value == 0) return {};
  const std::string place = std::to_string(foreign.place);
  const std::string name = code_point_name(foreign.value);
  const char looks = look_alike(foreign.value);
  Text words{.en = "Character " + place + " is " + name, .zh = "第 " + place + " 个字符是 " + name};
  if (looks != 0) {
    words.en += std::string(", which looks like ") + looks + " but is not";
    words.zh += std::string("，看似 ") + looks + " 但不是";
  } else if (is_blank(foreign.value)) {
    words.en += ", which is invisible";
    words.zh += "，不可见";
  }
  words.en += ". Type the number again.";
  words.zh += "。请重新输入。";
  return Flaw{"characters", std::move(words)};
}

MaybeFlaw flaw_of_id(std::string_view text) {
  switch (flaw_of_id_card(text)) {
    case IdCardFlaw::kNone:
      return {};
    case IdCardFlaw::kLength:
      return Flaw{"length",
                  {.en = "An identity number has 18 characters.", .zh = "身份证号应为18位。"}};
    case IdCardFlaw::kCharacters:
      return Flaw{"characters",
                  {.en = "An identity number has digits only; the last may be X.",
                   .zh = "身份证号只能是数字，末位可以是X。"}};
    case IdCardFlaw::kDate:
      return Flaw{"date",
                  {.en = "Digits 7 to 14 are not a date of birth that exists.",
                   .zh = "身份证号第7至14位不是存在的出生日期。"}};
    case IdCardFlaw::kChecksum:
      break;
  }
  return Flaw{"checksum",
              {.en = "The last character does not fit the others: a digit is mistyped or two are "
                     "swapped.",
               .zh = "身份证号校验位不符：可能输错或颠倒了数字，请核对。"}};
}

MaybeFlaw flaw_of_credit_code(std::string_view text) {
  switch (flaw_of_uscc(text)) {
    case UsccFlaw::kNone:
      return {};
    case UsccFlaw::kLength:
      return Flaw{"length",
                  {.en = "A unified social credit code has 18 characters.",
                   .zh = "统一社会信用代码应为18位。"}};
    case UsccFlaw::kCharacters:
      return Flaw{
          "characters",
          {.en = "A unified social credit code has digits and capital letters without I, O, "
                 "S, V, Z.",
           .zh = "统一社会信用代码只能是数字和大写字母，且不含I、O、S、V、Z。"}};
    case UsccFlaw::kChecksum:
      break;
  }
  return Flaw{"checksum",
              {.en = "The last character does not fit the others: something is mistyped.",
               .zh = "统一社会信用代码校验位不符，请核对。"}};
}

Flaw range_flaw(const FormField& field) {
  const std::string low = field.min.value_or(""), high = field.max.value_or("");
  if (!field.max) {
    return {"range", {.en = "Must be at least " + low + ".", .zh = "不能小于" + low + "。"}};
  }
  if (!field.min) {
    return {"range", {.en = "Must be at most " + high + ".", .zh = "不能大于" + high + "。"}};
  }
  return {"range",
          {.en = "Must be between " + low + " and " + high + ".",
           .zh = "应在" + low + "到" + high + "之间。"}};
}

MaybeFlaw flaw_of_number(const FormField& field, std::int64_t number) {
  const auto bound = [&](const std::optional<std::string>& text) {
    return text ? scaled_decimal(*text, field.scale) : std::nullopt;
  };
  const auto low = bound(field.min), high = bound(field.max);
  if ((low && number < *low) || (high && number > *high)) return range_flaw(field);
  return {};
}

// Compares dates and times as text. Local and UTC times differ in form only after the date.
MaybeFlaw flaw_of_moment(const FormField& field, std::string_view text) {
  if ((field.min && text < *field.min) || (field.max && text > *field.max)) {
    return range_flaw(field);
  }
  return {};
}

MaybeFlaw flaw_of_decimal(const FormField& field, std::string_view text) {
  if (const auto number = scaled_decimal(text, field.scale)) return flaw_of_number(field, *number);
  const std::string places = std::to_string(field.scale);
  return Flaw{"places",
              {.en = "Write a number with at most " + places + " decimal places.",
               .zh = "请填写数字，小数最多" + places + "位。"}};
}

MaybeFlaw flaw_of_plain_text(const FormField& field, std::string_view text) {
  const std::size_t length = code_points(text).size();
  const std::string most = std::to_string(field.max_length);
  if (length > field.max_length) {
    return Flaw{"length",
                {.en = "At most " + most + " characters.", .zh = "最多" + most + "个字。"}};
  }
  const bool control = std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\r' && c != '\t';
  });
  if (control) {
    return Flaw{"characters", {.en = "Holds control characters.", .zh = "含有不可见的控制字符。"}};
  }
  if (field.pattern && !field.pattern->matches(text)) {
    return Flaw{"pattern",
                {.en = "Does not have the form " + field.pattern_text + ".",
                 .zh = "不符合格式 " + field.pattern_text + "。"}};
  }
  return {};
}

MaybeFlaw flaw_of_choice(const FormField& field, std::string_view text) {
  const bool known = std::any_of(field.choices.begin(), field.choices.end(),
                                 [&](const Choice& choice) { return choice.value == text; });
  if (known) return {};
  return Flaw{"choice",
              {.en = "Choose one of: " + joined_choices(field, Language::kEnglish) + ".",
               .zh = "请从以下选项中选择：" + joined_choices(field, Language::kChinese) + "。"}};
}

MaybeFlaw flaw_of_text(const FormField& field, std::string_view text) {
  if (is_code(field.type)) {
    if (MaybeFlaw foreign = flaw_of_characters(text)) return foreign;
  }
  switch (field.type) {
    case FieldType::kText:
      return flaw_of_plain_text(field, text);
    case FieldType::kChoice:
      return flaw_of_choice(field, text);
    case FieldType::kDecimal:
      return flaw_of_decimal(field, text);
    case FieldType::kIdCard:
      return flaw_of_id(text);
    case FieldType::kUscc:
      return flaw_of_credit_code(text);
    case FieldType::kDate:
      if (is_date(text)) return flaw_of_moment(field, text);
      return Flaw{"date",
                  {.en = "Write a date that exists as 2026-11-21.",
                   .zh = "请填写存在的日期，如2026-11-21。"}};
    case FieldType::kDatetime:
      if (is_datetime(text)) return flaw_of_moment(field, text);
      return Flaw{"date",
                  {.en = "Write date and time as 2026-11-21 08:30.",
                   .zh = "请填写日期和时间，如2026-11-21 08:30。"}};
    case FieldType::kDivision:
      if (is_division_code(text)) return {};
      return Flaw{"division",
                  {.en = "A division code has 2, 4, 6, 9 or 12 digits.",
                   .zh = "区划代码应为2、4、6、9或12位数字。"}};
    case FieldType::kPhone:
      if (is_phone(text)) return {};
      return Flaw{"phone",
                  {.en = "Write a mobile number of 11 digits, or a line with its area code.",
                   .zh = "请填写11位手机号，或带区号的固定电话。"}};
    case FieldType::kInteger:
    case FieldType::kBoolean:
      break;
  }
  return type_flaw(field);
}

MaybeFlaw flaw_of_value(const FormField& field, const json::value& value) {
  if (field.type == FieldType::kInteger) {
    if (!value.is_int64()) return type_flaw(field);
    return flaw_of_number(field, value.get_int64());
  }
  if (field.type == FieldType::kBoolean) {
    return value.is_bool() ? MaybeFlaw() : MaybeFlaw(type_flaw(field));
  }
  if (!value.is_string()) return type_flaw(field);
  return flaw_of_text(field, value.get_string());
}

MaybeFlaw flaw_of_field(const FormField& field, const json::object& values,
                        const json::object& kept) {
  const json::value* value = values.if_contains(field.name);
  const bool present = value != nullptr && !is_nothing(*value);
  if (kept.contains(field.name)) {
    if (!present && !field.column.empty()) return {};
    return Flaw{"kept",
                {.en = "Cannot be both kept from the source and given, or has no source.",
                 .zh = "不能既沿用来源又填写新值，或该项没有数据来源。"}};
  }
  if (present) return flaw_of_value(field, *value);
  if (!field.required) return {};
  return Flaw{"required", {.en = "This must be filled in.", .zh = "此项必填。"}};
}

// Shows an unknown name only if it is short and harmless.
std::string shown_name(std::string_view name) {
  return std::string(name.substr(0, name.size() <= 64 ? name.size() : 0));
}

}  // namespace

json::object normalise_values(const FormDefinition& form, const json::object& values) {
  json::object out;
  for (const auto& member : values) {
    const FormField* field = form.field(member.key());
    json::value value = field != nullptr ? normalise_value(*field, member.value()) : member.value();
    if (!is_nothing(value)) out.emplace(member.key(), std::move(value));
  }
  return out;
}

std::vector<Violation> validate_values(const FormDefinition& form, const json::object& values,
                                       const json::object& kept) {
  std::vector<Violation> out;
  for (const json::object* object : {&values, &kept}) {
    for (const auto& member : *object) {
      if (form.field(member.key()) != nullptr) continue;
      out.push_back({shown_name(member.key()),
                     "unknown",
                     {.en = "The form " + form.id + " has no such field.",
                      .zh = "表单" + form.id + "没有这一项。"}});
    }
  }
  for (const FormField& field : form.fields) {
    if (MaybeFlaw flaw = flaw_of_field(field, values, kept)) {
      out.push_back({field.name, std::string(flaw->reason), std::move(flaw->words)});
    }
  }
  return out;
}

std::string title_of(const FormDefinition& form, std::string_view field, Language language) {
  const FormField* found = form.field(field);
  return found != nullptr ? found->title.in(language) : std::string(field);
}

Text words_at_field(const FormDefinition& form, const Violation& violation) {
  return {.en = title_of(form, violation.field, Language::kEnglish) + ": " + violation.words.en,
          .zh = title_of(form, violation.field, Language::kChinese) + "：" + violation.words.zh};
}

Error error_of(const FormDefinition& form, const std::vector<Violation>& violations) {
  const std::string field = violations.front().field;
  std::string message = "form " + form.id + ": ";
  if (violations.size() > 1) message += std::to_string(violations.size()) + " mistakes: ";
  Text words;
  for (const Violation& each : violations) {
    const bool is_first = words.empty();
    message += (is_first ? "field " : "; field ") + each.field + ": " + each.reason;
    const Text line = words_at_field(form, each);
    words.en += (is_first ? "" : "\n  ") + line.en;
    words.zh += (is_first ? "" : "\n  ") + line.zh;
  }
  return bad_input(std::move(message), field, std::move(words));
}

}  // namespace rootlet
