// A statement on PostgreSQL in the manner of storage's Statement. All its rows are fetched by the
// first step, so that others may run between two steps.
#pragma once

#include <vector>

#include "platform/postgres/session.hpp"

namespace rootlet::platform {

class PostgresStatement {
 public:
  PostgresStatement(postgres::Session& session, std::string_view sql)
      : session_(&session), sql_(sql) {}

  void bind(int index, std::int64_t value) { at(index) = value; }
  void bind(int index, std::string_view text) { at(index) = std::string(text); }
  void bind(int index, ByteView blob) { at(index) = to_bytes(blob); }
  void bind_null(int index) { at(index) = std::monostate(); }

  Status start();
  Result<bool> step();
  Status run();
  void reset();

  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  std::string_view text(int column) const;
  ByteView blob(int column) const;

 private:
  postgres::Value& at(int index);

  postgres::Session* session_;
  std::string sql_;
  std::vector<postgres::Value> values_;
  std::optional<postgres::Session::Ticket> ticket_;
  postgres::Answer answer_;
  int row_ = -1;
};

// The schema of `session` with all of `migrations`, as storage's migrate() does it for a file.
Status migrate(postgres::Session& session, std::span<const std::string_view> migrations);

}  // namespace rootlet::platform
