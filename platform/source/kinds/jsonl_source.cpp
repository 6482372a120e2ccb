// Reads line by line; a line is bounded as a row of CSV is.
#include "platform/source/kinds/jsonl_source.hpp"

#include <algorithm>
#include <map>

#include "core/encoding/text_file.hpp"
#include "core/format/exact_json.hpp"
#include "core/limits.hpp"
#include "core/unicode/visible_text.hpp"
#include "platform/source/records/record_source.hpp"

namespace rootlet::platform {
namespace {

constexpr std::size_t kReadBytes = 64 * limits::kKiB;

// Lines without their ends, each shorter than a row of CSV may be.
constexpr std::size_t kKnownMembers = 10'000;  // names that lines may bring and are remembered

class Lines {
 public:
  explicit Lines(TextSource text) : text_(std::move(text)) {}

  // False at the end. `line` holds until the next call.
  Result<bool> next(std::string_view& line) {
    ++number_;
    std::size_t end = buffer_.find('\n', at_);
    while (end == buffer_.npos && !ended_) {
      ROOTLET_TRY(fill());
      end = buffer_.find('\n', at_);
    }
    if (end == buffer_.npos && at_ == buffer_.size()) return false;
    line = std::string_view(buffer_).substr(at_, end - at_);
    at_ = end == buffer_.npos ? buffer_.size() : end + 1;
    if (line.ends_with('\r')) line.remove_suffix(1);
    return true;
  }
  std::uint64_t number() const { return number_; }

 private:
  Status fill() {
    buffer_.erase(0, at_);
    at_ = 0;
    const std::size_t held = buffer_.size();
    if (held > limits::kCsvRowBytes) {
      const std::string place = "line " + std::to_string(number_);
      return bad_input(place + ": is longer than 4 MiB", place);
    }
    buffer_.resize(held + kReadBytes);
    ROOTLET_TRY(const std::size_t read, text_(std::span(buffer_).subspan(held)));
    buffer_.resize(held + read);
    ended_ = read == 0;
    return ok();
  }

  TextSource text_;
  std::string buffer_;
  std::size_t at_ = 0;
  std::uint64_t number_ = 0;
  bool ended_ = false;
};

class JsonLines final : public RecordReader {
 public:
  JsonLines(TextSource text, std::string name) : lines_(std::move(text)), name_(std::move(name)) {}

  // The dataset's, as the mapping names them, and what else is wanted of a row.
  Result<std::vector<std::string>> columns(const SourceSetup& setup) override {
    setup_ = &setup;
    std::vector<std::string> names;
    for (const DatasetColumn& column : setup.dataset.columns) {
      const auto mapped = setup.mapping.headings.find(column.spec.name);
      names.push_back(mapped == setup.mapping.headings.end() ? column.spec.name : mapped->second);
    }
    const std::string& change = setup.mapping.change_heading;
    if (setup.is_change_list && !change.empty()) names.push_back(change);
    const std::string& newest = setup.mapping.newest_heading;
    if (!newest.empty() && std::ranges::find(names, newest) == names.end()) names.push_back(newest);
    for (std::size_t i = 0; i < names.size(); ++i) names_.emplace(names[i], i);
    texts_.resize(names.size());
    return names;
  }

  Result<bool> next(Record& record) override {
    std::string_view line;
    do {
      ROOTLET_TRY(const bool more, lines_.next(line));
      if (!more) return false;
    } while (line.find_first_not_of(" \t") == line.npos);
    const std::string place = "line " + std::to_string(lines_.number());
    Result<json::value> value = parse_exact_json(line, name_ + ": " + place);
    if (value.has_error()) return bad_input(value.error().message, place, value.error().hint);
    if (!value.value().is_object()) {
      return bad_input(name_ + ": " + place + ": must be one JSON object", place);
    }
    for (std::string& text : texts_) text.clear();
    for (const auto& member : value.value().get_object()) {
      ROOTLET_TRY(take(place, member.key(), member.value()));
    }
    record.number = lines_.number();
    record.fields.assign(texts_.begin(), texts_.end());
    return true;
  }

 private:
  Status take(const std::string& place, std::string_view key, const json::value& value) {
    const std::string where = place + ", column " + visible_text(cut_utf8(key, 80));
    ROOTLET_TRY(const std::size_t column, column_named(where, key));
    if (column == kNoField) return ok();
    std::string& text = texts_[column];
    switch (value.kind()) {
      case json::kind::null:
        text.clear();
        return ok();
      case json::kind::string:
        text = value.get_string();
        return ok();
      case json::kind::bool_:
        text = value.get_bool() ? "true" : "false";
        return ok();
      case json::kind::int64:
        text = std::to_string(value.get_int64());
        return ok();
      case json::kind::uint64:
        text = std::to_string(value.get_uint64());
        return ok();
      default:
        break;
    }
    return bad_input(name_ + ": " + where + ": must be a text, a number, a truth value or null",
                     where);
  }

  Result<std::size_t> column_named(const std::string& where, std::string_view key) {
    const auto known = names_.find(key);
    if (known != names_.end()) return known->second;
    Result<std::size_t> column = mapped_column(setup_->dataset, setup_->mapping, key);
    if (column.has_error() && setup_->mapping.ignores_others) column = kNoField;
    if (column.has_error()) {
      return bad_input(name_ + ": " + where + ": " + column.error().message, where,
                       column.error().hint);
    }
    if (names_.size() < kKnownMembers) names_.emplace(key, column.value());
    return column;
  }

  Lines lines_;
  std::string name_;
  const SourceSetup* setup_ = nullptr;
  std::map<std::string, std::size_t, std::less<>> names_;  // members seen so far
  std::vector<std::string> texts_;
};

}  // namespace

Result<std::unique_ptr<RowSource>> open_jsonl_source(const std::filesystem::path& path) {
  const bool is_input = path == "-";
  TextSource bytes = input_bytes();
  if (!is_input) {
    ROOTLET_TRY(bytes, open_bytes(path));
  }
  const std::string name = is_input ? "standard input" : path.filename().string();
  TextSource text = utf8_source(std::move(bytes), name, {.encoding = TextEncoding::kUtf8});
  return record_source({.source = name, .unit = "line"},
                       std::make_unique<JsonLines>(std::move(text), name));
}

}  // namespace rootlet::platform
