// `dataset check` and `form check`: every mistake of a definition with its line, and what an office
// would see of it. They read one file and change nothing.
#include "config/output/text_table.hpp"
#include "core/encoding/text_file.hpp"
#include "core/format/json_position.hpp"
#include "core/format/mistakes.hpp"
#include "core/limits.hpp"
#include "platform/cli/cli.hpp"
#include "sync/pack/table/dataset.hpp"
#include "sync/uplink/form/form.hpp"

namespace rootlet::platform {
namespace {

std::string name_of(const ColumnSpec& column) {
  switch (column.type) {
    case ColumnType::kInteger:
      return "integer";
    case ColumnType::kDecimal:
      return "decimal(" + std::to_string(column.scale) + ")";
    case ColumnType::kDate:
      return "date";
    case ColumnType::kDatetime:
      return "datetime";
    case ColumnType::kBoolean:
      return "boolean";
    default:
      return "text";
  }
}

std::string name_of(const FormField& field) {
  const std::string name(rootlet::name_of(field.type));
  return field.type == FieldType::kDecimal ? name + "(" + std::to_string(field.scale) + ")" : name;
}

// "3 · 138****1234": the grade, and what an office without it sees.
std::string grade_text(const DatasetColumn& column, const CliOutput& output) {
  std::string text = std::to_string(column.grade);
  if (column.grade == 1) return text;
  if (!column.mask.empty()) return text + " · " + mask_text(column.mask, "13800001234");
  return text + output.words({.en = " · hidden below it", .zh = " · 低于此级不可见"});
}

std::string sharing_line(const DatasetDefinition& dataset, const CliOutput& output) {
  const bool zh = output.is_chinese();
  if (dataset.sharing == SharingAttribute::kNotShared) {
    return zh ? "不予共享：不会发布任何内容\n" : "Not shared: nothing of it is ever published\n";
  }
  std::string uses;
  for (const std::string& use : dataset.uses) uses += (uses.empty() ? "" : ", ") + use;
  if (uses.empty()) uses = zh ? "不限" : "any";
  return (zh ? "可授权的用途：" : "Purposes that a grant may name: ") + uses + "\n";
}

std::string partition_line(const DatasetDefinition& dataset, const CliOutput& output) {
  const bool zh = output.is_chinese();
  if (dataset.division_digits == 0) {
    return zh ? "整体为一个分区，授权无须写明区划\n"
              : "One partition; a grant needs no divisions\n";
  }
  const std::string digits = std::to_string(dataset.division_digits);
  return zh ? "按 " + dataset.division_column + " 的前 " + digits + " 位分区\n"
            : "One partition for each " + digits + " digits of " + dataset.division_column + "\n";
}

Status show_dataset(const DatasetDefinition& dataset, const CliOutput& output) {
  const bool zh = output.is_chinese();
  ROOTLET_TRY(output.print(output.words(dataset.title) + " · " +
                           output.words(dataset.provider_name) + " · " + dataset.update + "\n" +
                           output.words(dataset.summary) + (dataset.summary.empty() ? "" : "\n") +
                           sharing_line(dataset, output) + partition_line(dataset, output) + "\n"));
  TextTable table(
      zh ? std::vector<std::string>{"标题", "列名", "类型", "主键", "检索", "级别"}
         : std::vector<std::string>{"TITLE", "COLUMN", "TYPE", "KEY", "SEARCH", "GRADE"});
  const std::string yes = zh ? "是" : "yes";
  for (const DatasetColumn& column : dataset.columns) {
    table.add({output.words(column.title), column.spec.name, name_of(column.spec),
               column.key ? yes : "", column.search ? yes : "", grade_text(column, output)});
  }
  return output.print(table);
}

std::string limits_of(const FormField& field) {
  if (!field.pattern_text.empty()) return field.pattern_text;
  if (field.min || field.max) return field.min.value_or("") + " … " + field.max.value_or("");
  std::string choices;
  for (const Choice& choice : field.choices)
    choices += (choices.empty() ? "" : ", ") + choice.value;
  return choices;
}

Status show_form(const FormDefinition& form, const CliOutput& output) {
  const bool zh = output.is_chinese();
  const auto line = [&](const char* en, const char* chinese, const std::string& value) {
    return std::string(zh ? chinese : en) + (zh ? "：" : ": ") + value + "\n";
  };
  ROOTLET_TRY(output.print(output.words(form.title) + "\n" +
                           line("Purpose", "目的", output.words(form.purpose)) +
                           line("Basis", "依据", output.words(form.basis)) +
                           line("Unit", "单位", output.words(form.unit)) +
                           line("Contact", "联系方式", output.words(form.contact)) +
                           line("Days that the office keeps its copy", "本地保存天数",
                                std::to_string(form.retention_days)) +
                           "\n"));
  TextTable table(
      zh ? std::vector<std::string>{"标题", "字段", "类型", "必填", "规则", "预填自"}
         : std::vector<std::string>{"TITLE", "FIELD", "TYPE", "REQUIRED", "RULE", "FROM"});
  for (const FormField& field : form.fields) {
    const bool prefilled = form.prefill && !field.column.empty();
    table.add({output.words(field.title), field.name, name_of(field),
               field.required ? (zh ? "是" : "yes") : "", limits_of(field),
               prefilled ? form.prefill->dataset + "." + field.column : ""});
  }
  return output.print(table);
}

json::object json_mistake(const Error& error, std::string_view text) {
  json::object out = to_json(error);
  if (const auto place = find_in_json(text, error.field)) {
    out["line"] = json_count(place->line);
    out["column"] = json_count(place->column);
  }
  return out;
}

Status show_mistakes(const Mistakes& mistakes, std::string_view text, std::string_view what,
                     const CliOutput& output) {
  std::string out;
  for (const Error& error : mistakes.all()) {
    out += with_position(error, text, what).message + "\n";
    if (!error.hint.empty()) out += "  " + output.words(error.hint) + "\n";
  }
  const std::string count = std::to_string(mistakes.all().size());
  return output.print(out + (output.is_chinese()
                                 ? count + " 处错误\n"
                                 : count + (count == "1" ? " mistake\n" : " mistakes\n")));
}

// Definition is DatasetDefinition or FormDefinition.
template <typename Definition>
Result<int> check(const CommandInput& input, Status (*show)(const Definition&, const CliOutput&)) {
  const fs::path path = input.arguments.value("FILE");
  ROOTLET_TRY(const PlainText file, read_plain_text(path, limits::kDefinitionBytes));
  if (!file.notice.empty()) input.output.note(input.output.words(file.notice));
  const std::string what = path.filename().string();
  Mistakes mistakes;
  const Result<Definition> definition = Definition::parse(file.text, what, &mistakes);
  const int exit_code = mistakes.none() ? 0 : exit_code_of(ErrorCode::kBadInput);
  if (input.output.json) {
    json::array list;
    for (const Error& error : mistakes.all()) list.push_back(json_mistake(error, file.text));
    ROOTLET_TRY(input.output.print_json(
        json::object{{"file", what}, {"valid", mistakes.none()}, {"mistakes", std::move(list)}}));
  } else if (mistakes.none()) {
    ROOTLET_TRY(show(definition.value(), input.output));
  } else {
    ROOTLET_TRY(show_mistakes(mistakes, file.text, what, input.output));
  }
  return exit_code;
}

Command check_command(std::string group, Text summary, CommandFunction run) {
  return {
      .name = group + " check",
      .summary = std::move(summary),
      .details =
          {.en = "Names every mistake with its line, key and rule, and exits with 8; or shows what "
                 "an office "
                 "would see. Needs no realm and changes nothing. docs/definitions.md explains "
                 "every key.",
           .zh = "逐条指出错误所在的行、键和规则，并以退出码 8 结束；无误时显示各单位将看到的内容。"
                 "不需要域，也不作任何更改。各键说明见 docs/definitions.md。"},
      .example = {.en = "rootlet-platform " + group + " check " + group + ".json"},
      .positionals = {{.name = "FILE", .type = ValueType::kFile}},
      .run = std::move(run)};
}

}  // namespace

std::vector<Command> check_commands() {
  return {check_command("dataset",
                        {.en = "Name every mistake in a definition, or show what offices would see",
                         .zh = "检查数据集定义：逐条指出错误，或显示各单位将看到的内容"},
                        [](const CommandInput& input) {
                          return check<DatasetDefinition>(input, show_dataset);
                        }),
          check_command(
              "form",
              {.en = "Name every mistake in a form, or show what clerks would see",
               .zh = "检查表单定义：逐条指出错误，或显示填报人将看到的内容"},
              [](const CommandInput& input) { return check<FormDefinition>(input, show_form); })};
}

}  // namespace rootlet::platform
