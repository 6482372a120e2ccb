#include "core/sheet/xlsx/workbook.hpp"

#include <charconv>
#include <map>

#include "core/sheet/xlsx/xlsx_limits.hpp"
#include "core/sheet/xlsx/xml_reader.hpp"

namespace rootlet {
namespace {

std::uint32_t number_of(std::string_view text) {
  std::uint32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Error not_a_workbook(const std::string& what, std::string_view detail) {
  return bad_input(what + ": this is no workbook: " + std::string(detail), what,
                   {.en = "Open it in a spreadsheet and save it as .xlsx.",
                    .zh = "文件不是有效的 Excel 工作簿，请用表格软件打开后另存为 .xlsx。"});
}

// "../worksheets/a.xml" beside "xl/b/c.xml" is "xl/worksheets/a.xml".
std::string resolved(std::string_view target, std::string_view beside) {
  std::string path;
  if (target.starts_with('/')) {
    target.remove_prefix(1);
  } else {
    path = beside.substr(0, beside.rfind('/') + 1);
  }
  while (!target.empty()) {
    const std::size_t end = std::min(target.find('/'), target.size());
    const std::string_view step = target.substr(0, end);
    const bool is_last = end == target.size();
    target.remove_prefix(is_last ? end : end + 1);
    if (step == "..") {
      if (!path.empty()) path.pop_back();
      path.erase(path.rfind('/') + 1);
    } else if (step != ".") {
      path.append(step);
      if (!is_last) path += '/';
    }
  }
  return path;
}

struct Relation {
  std::string type;  // its last word: "worksheet"
  std::string part;
};

class RelationEvents final : public XmlEvents {
 public:
  explicit RelationEvents(std::string beside) : beside_(std::move(beside)) {}
  Status begin(int depth, std::string_view name, const XmlAttributes& attributes) override {
    if (depth != 2 || name != "Relationship") return ok();
    if (attributes.value("TargetMode") == "External") return ok();
    const std::string_view type = attributes.value("Type");
    found[std::string(attributes.value("Id"))] = {std::string(type.substr(type.rfind('/') + 1)),
                                                  resolved(attributes.value("Target"), beside_)};
    return ok();
  }
  Status end(int, std::string_view) override { return ok(); }
  Status text(int, std::string_view) override { return ok(); }
  std::map<std::string, Relation, std::less<>> found;

 private:
  std::string beside_;
};

// Of the part `of`; "" is the whole package.
Result<RelationEvents> read_relations(const ZipFile& archive, const std::string& of,
                                      const std::string& what) {
  const std::size_t name = of.rfind('/') + 1;
  const std::string part = of.substr(0, name) + "_rels/" + of.substr(name) + ".rels";
  RelationEvents events(of);
  if (!archive.has(part)) return events;
  ROOTLET_TRY(TextSource source, archive.read(part));
  XmlReader reader(std::move(source), what + ": " + part, events);
  ROOTLET_TRY(reader.read_all());
  return events;
}

class BookEvents final : public XmlEvents {
 public:
  BookEvents(Workbook& book, const RelationEvents& relations)
      : book_(book), relations_(relations) {}
  Status begin(int depth, std::string_view name, const XmlAttributes& attributes) override {
    if (depth == 2 && name == "workbookPr") {
      const std::string_view value = attributes.value("date1904");
      if (value == "1" || value == "true") book_.dates = DateSystem::k1904;
    }
    if (depth != 3 || name != "sheet") return ok();
    const auto found = relations_.found.find(attributes.value("id"));
    const bool has_cells = found != relations_.found.end() && found->second.type == "worksheet";
    if (!has_cells || book_.tables.size() >= limits::kSheetTables) return ok();
    const std::string_view state = attributes.value("state");
    book_.tables.push_back({.name = std::string(attributes.value("name")),
                            .part = found->second.part,
                            .is_hidden = state == "hidden" || state == "veryHidden"});
    return ok();
  }
  Status end(int, std::string_view) override { return ok(); }
  Status text(int, std::string_view) override { return ok(); }

 private:
  Workbook& book_;
  const RelationEvents& relations_;
};

class StyleEvents final : public XmlEvents {
 public:
  explicit StyleEvents(std::string what) : what_(std::move(what)) {}
  Status begin(int depth, std::string_view name, const XmlAttributes& attributes) override {
    if (depth == 2) in_cells_ = name == "cellXfs";
    if (depth == 3 && name == "numFmt") {
      own_[number_of(attributes.value("numFmtId"))] =
          format_of_code(attributes.value("formatCode"));
    }
    if (depth == 3 && in_cells_ && name == "xf") {
      ids_.push_back(number_of(attributes.value("numFmtId")));
    }
    if (ids_.size() <= limits::kSheetStyles && own_.size() <= limits::kSheetStyles) return ok();
    return not_a_workbook(what_, "it has more than 65,536 styles");
  }
  Status end(int, std::string_view) override { return ok(); }
  Status text(int, std::string_view) override { return ok(); }

  std::vector<NumberFormat> formats() const {
    std::vector<NumberFormat> out;
    for (const std::uint32_t id : ids_) {
      const auto own = own_.find(id);
      out.push_back(own == own_.end() ? format_of_id(id) : own->second);
    }
    return out;
  }

 private:
  std::string what_;
  bool in_cells_ = false;
  std::map<std::uint32_t, NumberFormat> own_;
  std::vector<std::uint32_t> ids_;
};

std::string part_of_type(const RelationEvents& relations, std::string_view type) {
  for (const auto& [id, relation] : relations.found) {
    if (relation.type == type) return relation.part;
  }
  return "";
}

}  // namespace

Result<const Workbook::Table*> Workbook::table(std::string_view name,
                                               const std::string& what) const {
  std::string names;
  const Table* first = nullptr;
  for (const Table& one : tables) {
    if (!name.empty() && one.name == name) return &one;
    if (first == nullptr || (first->is_hidden && !one.is_hidden)) first = &one;
    names += (names.empty() ? "" : ", ") + one.name;
  }
  if (first == nullptr) return not_a_workbook(what, "it has no sheet with cells");
  if (name.empty()) return first;
  return bad_input(what + ": there is no sheet \"" + std::string(name) + "\"", "sheet",
                   {.en = "It has: " + names, .zh = "没有该工作表。现有工作表：" + names});
}

Result<Workbook> read_workbook(const ZipFile& archive, const std::string& what) {
  ROOTLET_TRY(const RelationEvents package, read_relations(archive, "", what));
  const std::string part = part_of_type(package, "officeDocument");
  if (part.empty() || !archive.has(part)) return not_a_workbook(what, "it names no main part");
  ROOTLET_TRY(const RelationEvents relations, read_relations(archive, part, what));
  Workbook book;
  BookEvents events(book, relations);
  ROOTLET_TRY(TextSource source, archive.read(part));
  XmlReader reader(std::move(source), what + ": " + part, events);
  ROOTLET_TRY(reader.read_all());
  book.strings_part = part_of_type(relations, "sharedStrings");
  const std::string styles = part_of_type(relations, "styles");
  if (styles.empty()) return book;
  StyleEvents style_events(what);
  ROOTLET_TRY(TextSource style_source, archive.read(styles));
  XmlReader style_reader(std::move(style_source), what + ": " + styles, style_events);
  ROOTLET_TRY(style_reader.read_all());
  book.formats = style_events.formats();
  return book;
}

}  // namespace rootlet
