// Appends changes to an exchange table of a PostgreSQL database, in one transaction: the rows, and
// in rootlet_exports which version of the dataset the table has got. Makes both tables if they are
// missing. Without commit() nothing is left.
//
//   exchange_id       ascending; made by the database
//   exchange_op       R: all rows of before are void; I, U, D
//   exchange_version  the dataset's
//   exchange_time     of the export
//   exchange_state    0; the taker sets it
//   …                 the dataset's columns; of D those of the key
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/ids.hpp"
#include "platform/source/databases/postgres_connection.hpp"
#include "sync/pack/table/dataset.hpp"

namespace rootlet::platform {

class ExchangeWriter {
 public:
  // `table` is a name as SQL has it. Errors as connect_postgres() and the server have them. All
  // arguments must outlive the writer.
  static Result<ExchangeWriter> open(const std::string& address, const std::string& table,
                                     const DatasetDefinition& dataset);

  // The version that was exported last, if any.
  Result<std::optional<Version>> last_version();
  Status begin_rows(Version version, std::string_view time);
  // `op` is R, I, U or D; `cells` as PublishedChanges gives them, none for R.
  Status add(char op, std::span<const std::string_view> cells);
  Status commit();

 private:
  ExchangeWriter(std::shared_ptr<PGconn> connection, std::string name, const std::string& table,
                 const DatasetDefinition& dataset)
      : connection_(std::move(connection)),
        name_(std::move(name)),
        table_(table),
        dataset_(dataset) {}
  Status run(const std::string& statement);
  Status make_table(const std::string& table, const std::string& statement);
  Status send();
  Result<std::string> quoted(const std::string& text);

  std::shared_ptr<PGconn> connection_;
  std::string name_;
  const std::string& table_;
  const DatasetDefinition& dataset_;
  std::string version_, time_;
  std::string text_;  // rows that were not sent yet
};

}  // namespace rootlet::platform
