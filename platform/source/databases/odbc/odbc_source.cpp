// Rows of a statement, with the drivers' spellings evened out.
#include "platform/source/databases/odbc/odbc_source.hpp"

#include "core/format/json.hpp"
#include "core/unicode/visible_text.hpp"
#include "platform/source/mapping/exchange_table.hpp"
#include "platform/source/records/record_source.hpp"

namespace rootlet::platform {
namespace {

// "08:00:05.000" is 08:00:05, and a date in a database whose dates have a time is a date.
void even_out_time(std::string& text, bool is_date, bool is_moment) {
  const std::size_t point = text.find('.');
  if (point != text.npos && text.find_first_not_of('0', point + 1) == text.npos) {
    text.resize(point);
  }
  if (is_date && text.ends_with(" 00:00:00")) text.resize(text.size() - 9);
  if (is_moment && !text.empty()) text += "+00";
}

// Oracle and DM write .5 and -.5.
void even_out_decimal(std::string& text) {
  const std::size_t sign = text.starts_with('-') ? 1 : 0;
  if (std::string_view(text).substr(sign).starts_with('.')) text.insert(sign, 1, '0');
}

void lower(std::string& text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
}

class OdbcRows final : public RecordReader {
 public:
  OdbcRows(OdbcConnection connection, OdbcQuery wanted)
      : connection_(std::make_shared<OdbcConnection>(std::move(connection))),
        wanted_(std::move(wanted)),
        name_(connection_->name()) {}

  // The query runs when the publish has the dataset's lock: of two publishes out of one exchange
  // table the later one sees what the earlier one took.
  Result<std::vector<std::string>> columns(const SourceSetup& setup) override {
    if (!wanted_.exchange.empty()) {
      ROOTLET_TRY(ids_, ask_ids());
    }
    ROOTLET_TRY(statement_, connection_->query(wanted_.query));
    texts_.resize(statement_.columns().size());
    is_date_.resize(texts_.size());
    std::vector<std::string> names;
    for (const OdbcStatement::Column& column : statement_.columns()) {
      const Result<std::size_t> found = mapped_column(setup.dataset, setup.mapping, column.name);
      is_date_[names.size()] =
          found.has_value() && setup.dataset.columns[found.value()].spec.type == ColumnType::kDate;
      names.push_back(column.name);
    }
    return names;
  }

  Result<bool> next(Record& record) override {
    const Result<bool> more = statement_.fetch();
    if (more.has_error()) return broken_off(record.number, more.error());
    if (!more.value()) return false;
    ++record.number;
    record.fields.resize(texts_.size());
    for (std::size_t i = 0; i < texts_.size(); ++i) {
      ROOTLET_TRY(read(record.number, i));
      record.fields[i] = texts_[i];
    }
    return true;
  }

  std::function<Status()> marking() override {
    if (wanted_.exchange.empty()) return {};
    return [connection = connection_, marks = exchange_marks(wanted_.exchange, ids_)] {
      return connection->write(marks);
    };
  }

 private:
  Result<std::vector<std::int64_t>> ask_ids() {
    ROOTLET_TRY(OdbcStatement answer, connection_->query(exchange_ids_query(wanted_.exchange)));
    std::vector<std::int64_t> ids;
    std::string text;
    while (true) {
      ROOTLET_TRY(const bool more, answer.fetch());
      if (!more) return ids;
      ROOTLET_TRY(const bool is_text, answer.read(0, text));
      const std::optional<std::int64_t> id = is_text ? parse_exchange_id(text) : std::nullopt;
      if (!id) return bad_input(name_ + ": exchange_id must be a whole number", "exchange_id");
      ids.push_back(*id);
    }
  }

  Status read(std::uint64_t row, std::size_t i) {
    const OdbcStatement::Column& column = statement_.columns()[i];
    const Result<bool> is_text = statement_.read(i, texts_[i]);
    if (is_text.has_error() && is_text.error().code != ErrorCode::kBadInput) {
      return broken_off(row, is_text.error());
    }
    if (is_text.has_error() || !is_text.value()) {
      const std::string place =
          "row " + std::to_string(row) + ", column " + visible_text(column.name);
      return bad_input(name_ + ": " + place + ": " +
                           (is_text.has_error() ? is_text.error().message
                                                : "holds bytes that are no text in the encoding of "
                                                  "the source"),
                       place);
    }
    if (column.type == SQL_TYPE_TIMESTAMP) {
      even_out_time(texts_[i], is_date_[i], column.is_moment);
    } else if (column.type == SQL_GUID) {
      lower(texts_[i]);
    } else if (column.type == SQL_DECIMAL || column.type == SQL_NUMERIC) {
      even_out_decimal(texts_[i]);
    }
    return ok();
  }

  Error broken_off(std::uint64_t row, const Error& error) const {
    Error broken = error;
    broken.message =
        name_ + ": the answer broke off after row " + std::to_string(row) + ": " + error.message;
    return broken;
  }

  std::shared_ptr<OdbcConnection> connection_;
  OdbcQuery wanted_;
  std::string name_;
  std::vector<std::int64_t> ids_;  // of the rows of an exchange table
  OdbcStatement statement_;
  std::vector<std::string> texts_;  // of the row
  std::vector<bool> is_date_;       // the dataset's column is one
};

Result<std::string> ask_totals(OdbcConnection& connection, const std::string& query) {
  ROOTLET_TRY(OdbcStatement answer, connection.query(query));
  ROOTLET_TRY(const bool is_there, answer.fetch());
  json::object totals;
  std::string text;
  for (std::size_t i = 0; is_there && i < answer.columns().size(); ++i) {
    ROOTLET_TRY(const bool is_text, answer.read(i, text));
    std::string name = answer.columns()[i].name;
    lower(name);  // many databases write names in capitals
    if (is_text) totals[name] = text;
  }
  bool is_more = false;
  if (is_there) {
    ROOTLET_TRY(is_more, answer.fetch());
  }
  if (is_there && !is_more) return json::serialize(totals);
  return fail(ErrorCode::kUsage, connection.name() + ": the control query must give one row");
}

}  // namespace

Result<std::unique_ptr<RowSource>> open_odbc_source(const std::string& source, OdbcQuery wanted) {
  wanted.query.resize(wanted.query.find_last_not_of(" \t\r\n;") + 1);  // Oracle takes no semicolon
  ROOTLET_TRY(OdbcConnection connection, OdbcConnection::open(source, wanted.encoding));
  RecordNames names{.source = connection.name(), .unit = "row"};
  if (!wanted.control_query.empty()) {
    ROOTLET_TRY(names.control, ask_totals(connection, wanted.control_query));
  }
  return record_source(std::move(names),
                       std::make_unique<OdbcRows>(std::move(connection), std::move(wanted)));
}

}  // namespace rootlet::platform
