// Cuts an address into its parts.
#include "platform/source/kinds/address.hpp"

#include <array>
#include <optional>

#include "platform/source/mapping/exchange_table.hpp"
#include "storage/database.hpp"

namespace rootlet::platform {
namespace {

struct KindWords {
  std::string_view name;
  SourceKind kind;
  std::string_view form;
  bool has_query = false, has_sheet = false, has_exchange = false;
};

constexpr std::array<KindWords, 6> kKinds = {{
    {"csv", SourceKind::kCsv, "csv:FILE"},
    {"jsonl", SourceKind::kJsonl, "jsonl:FILE"},
    {"xlsx", SourceKind::kXlsx, "xlsx:FILE or xlsx:FILE?sheet=NAME", false, true},
    {"sqlite", SourceKind::kSqlite, "sqlite:FILE?table=NAME or sqlite:FILE?query=SELECT …", true},
    {"postgres", SourceKind::kPostgres,
     "postgres://USER@HOST/DATABASE?table=NAME, …?query=SELECT … or …?exchange=NAME", true, false,
     true},
    {"odbc", SourceKind::kOdbc, "odbc:DSN?table=NAME, …?query=SELECT … or …?exchange=NAME", true,
     false, true},
}};

Error wrong(std::string message) {
  Error error = fail(ErrorCode::kUsage, std::move(message));
  error.field = "from";
  return error;
}

Error unknown_kind(std::string_view text) {
  std::string forms;
  for (const KindWords& kind : kKinds) {
    forms += (forms.empty() ? "" : ", ") + std::string(kind.form);
  }
  return wrong("\"" + std::string(text) + "\" names no source; a source is " + forms);
}

// Of PostgreSQL with a schema before it, if there is a point. Databases behind ODBC quote names in
// many ways, so there it is as it was written.
std::string table_name(SourceKind kind, const std::string& text) {
  if (kind == SourceKind::kOdbc) return text;
  const std::size_t point = kind == SourceKind::kPostgres ? text.find('.') : text.npos;
  if (point == text.npos) return quote_identifier(text);
  return quote_identifier(text.substr(0, point)) + "." + quote_identifier(text.substr(point + 1));
}

// Cuts "?name=…" or "&name=…" off `place`.
std::optional<std::string> take_parameter(std::string& place, std::string_view name) {
  for (const char before : {'?', '&'}) {
    const std::string mark = before + std::string(name) + "=";
    const std::size_t at = place.find(mark);
    if (at == std::string::npos) continue;
    std::string value = place.substr(at + mark.size());
    place.resize(at);
    return value;
  }
  return std::nullopt;
}

// "?encoding=gb18030" of an ODBC driver.
Status take_encoding(SourceAddress& address) {
  const std::optional<std::string> name = take_parameter(address.place, "encoding");
  if (!name) return ok();
  address.encoding = encoding_named(*name);
  if (address.encoding == TextEncoding::kUtf8 || address.encoding == TextEncoding::kGb18030) {
    return ok();
  }
  return wrong("encoding= takes utf-8 or gb18030");
}

}  // namespace

Result<SourceAddress> parse_source_address(std::string_view text) {
  const std::size_t colon = text.find(':');
  const KindWords* found = nullptr;
  for (const KindWords& kind : kKinds) {
    if (text.substr(0, colon) == kind.name && colon != text.npos) found = &kind;
  }
  if (found == nullptr) return unknown_kind(text);
  SourceAddress address;
  address.kind = found->kind;
  address.place = text.substr(colon + 1);
  if (found->has_query) {
    if (auto query = take_parameter(address.place, "query")) {
      address.query = std::move(*query);
    } else if (const auto table = take_parameter(address.place, "table")) {
      address.table = table_name(found->kind, *table);
      address.query = "SELECT * FROM " + address.table;
    } else if (const auto exchange = take_parameter(address.place, "exchange");
               exchange && found->has_exchange) {
      address.exchange = table_name(found->kind, *exchange);
      address.query = exchange_rows_query(address.exchange);
    }
  }
  if (found->kind == SourceKind::kOdbc) {
    ROOTLET_TRY(take_encoding(address));
  }
  if (found->has_sheet) {
    address.sheet = take_parameter(address.place, "sheet").value_or("");
  }
  const bool lacks_query = found->has_query && address.query.empty();
  if (address.place.empty() || lacks_query) {
    return wrong("\"" + std::string(text) + "\" is not complete: " + std::string(found->form));
  }
  return address;
}

}  // namespace rootlet::platform
