// One connection to the schema that holds a home's tables.
//
// Statements whose answers nobody waits for are queued in libpq's pipeline; their errors come with
// the next answer or the commit, and then nothing of the transaction stays. A connection that was
// lost is opened again before the next transaction or statement; what was begun on the old one
// fails with kUnreachable, and nothing of it is kept unless that was its commit. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/bytes.hpp"
#include "platform/postgres/libpq.hpp"

namespace rootlet::platform::postgres {

// A parameter of a statement, or a field of a row; the first is null.
using Value = std::variant<std::monostate, std::int64_t, std::string, Bytes>;
std::string bytes_of(const Value& value);  // in the protocol's binary form; empty for null

struct SessionPlace {
  std::string address;
  std::string schema;  // [a-z0-9_]
};

class Session {
 public:
  static Result<Session> open(SessionPlace place);
  Session(Session&&) noexcept = default;
  Session& operator=(Session&&) noexcept = default;

  const std::string& schema() const { return place_.schema; }
  bool is_in_transaction() const { return in_transaction_; }

  // Outside of a transaction it waits, so that the statement is committed when it returns.
  Status run(std::string_view sql, const std::vector<Value>& values);
  Result<Answer> ask(std::string_view sql, const std::vector<Value>& values);
  // The same in two steps, so that several questions take one round trip. Inside a transaction.
  using Ticket = std::uint64_t;
  Result<Ticket> start(std::string_view sql, const std::vector<Value>& values);
  Result<Answer> take(Ticket ticket);
  // Several statements without parameters or answers, in SQL of PostgreSQL.
  Status execute(const std::string& sql);
  // Rows in COPY's binary form, without its header and end. `target` is "table(columns)".
  Status copy(const std::string& target, ByteView rows);

 private:
  friend class SessionTransaction;
  explicit Session(SessionPlace place) : place_(std::move(place)) {}
  // `names` in ascending order, so that no two wait for each other.
  Status begin(bool alone, const std::vector<std::string>& names);
  Status commit();
  void roll_back();
  Status connect();
  Status reconnect_if_lost();
  Status send(std::string_view sql, const std::vector<Value>& values);
  Result<std::string> prepared(std::string_view sql, const std::vector<Value>& values);
  Status note_sent(bool was_sent);
  // Waits for all answers; the last is returned. After an error the first one.
  Result<Answer> wait();
  Result<Answer> collect();
  Result<Answer> ask_once(std::string_view sql, const std::vector<Value>& values);
  Status copy_now(const std::string& target, ByteView rows);
  void forget_queue();
  Error lost();

  SessionPlace place_;
  Connection connection_;
  std::map<std::string, std::string> prepared_;  // by kinds of parameters and text
  std::uint64_t names_given_ = 0;
  std::vector<Ticket> queued_;  // statements without an answer yet; 0: nobody takes it
  std::size_t queued_bytes_ = 0;
  std::map<Ticket, Answer> answers_;  // of tickets
  Ticket last_ticket_ = 0;
  bool in_transaction_ = false;
  std::optional<Error> failure_;  // of the transaction
};

// Its destruction without commit() rolls back. The session must not move meanwhile.
class SessionTransaction {
 public:
  // No other transaction of the schema runs meanwhile. kBusy if others do for ten seconds.
  static Result<SessionTransaction> begin(Session& session);
  // Others that were begun so and have none of the names may run meanwhile.
  static Result<SessionTransaction> begin_beside(Session& session, std::vector<std::string> names);
  SessionTransaction(SessionTransaction&& other) noexcept
      : session_(std::exchange(other.session_, nullptr)) {}
  SessionTransaction& operator=(SessionTransaction&&) = delete;
  ~SessionTransaction() {
    if (session_ != nullptr) session_->roll_back();
  }
  Status commit();

 private:
  explicit SessionTransaction(Session* session) : session_(session) {}
  Session* session_;
};

}  // namespace rootlet::platform::postgres
