// libpq's pipeline mode: every statement is prepared once, sent without waiting, and answered in
// order up to a synchronisation point.
#include "platform/postgres/session.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "core/crypto.hpp"
#include "platform/postgres/dialect.hpp"

namespace rootlet::platform::postgres {
namespace {

constexpr std::size_t kMostQueued = 1'000;  // statements; then one wait for all
constexpr std::size_t kMostQueuedBytes = std::size_t{4} << 20;
constexpr std::size_t kMostPrepared = 400;  // the homes have about 200 statements
constexpr const char* kConnectSeconds = "5";
constexpr int kLockSeconds = 10;  // as SQLite waits for a writer

constexpr PasswordPlace kPassword{"ROOTLET_DATABASE_PASSWORD_FILE", "rootlet-database-password"};

// Object identifiers of types (pg_type), the same in every server.
constexpr Oid kInt8 = 20, kText = 25, kBytea = 17;

constexpr std::array<Oid, 4> kTypes = {0, kInt8, kText,
                                       kBytea};  // of Value; 0: the server finds it
constexpr std::string_view kKindLetters = "nitb";

// Of COPY's binary form: signature, no flags, no extension; and after the last row.
constexpr std::string_view kCopyHeader("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", 19);
constexpr std::string_view kCopyEnd("\xff\xff", 2);

constexpr std::string_view kLockAlone = "SELECT pg_advisory_xact_lock(?)";
constexpr std::string_view kLockShared = "SELECT pg_advisory_xact_lock_shared(?)";

bool is_success(ExecStatusType status) {
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_PIPELINE_SYNC;
}

// Advisory locks are numbers of the whole database.
std::int64_t lock_number(const std::string& schema, std::string_view name) {
  const Hash256 hash = blake2b(as_bytes(schema + "/" + std::string(name)));
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < sizeof(number); ++i) number = number << 8 | hash[i];
  return std::bit_cast<std::int64_t>(number);
}

}  // namespace

std::string bytes_of(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* bytes = std::get_if<Bytes>(&value)) return std::string(as_text(*bytes));
  const auto* number = std::get_if<std::int64_t>(&value);
  if (number == nullptr) return {};
  std::string out(sizeof(*number), '\0');
  const auto bits = std::bit_cast<std::uint64_t>(*number);
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<char>(bits >> (8 * (out.size() - 1 - i)) & 0xFF);
  }
  return out;
}

Result<Session> Session::open(SessionPlace place) {
  Session session(std::move(place));
  ROOTLET_TRY(session.connect());
  return session;
}

Status Session::connect() {
  prepared_.clear();
  forget_queue();
  answers_.clear();
  ROOTLET_TRY(connection_,
              postgres::connect(place_.address, kPassword, kConnectSeconds,
                                {.en = "Nothing was changed. Check the address, the server and the "
                                       "password file.",
                                 .zh = "未作任何更改。请检查地址、服务器和密码文件。"}));
  const char* encoding = PQparameterStatus(connection_.get(), "server_encoding");
  if (encoding == nullptr || std::string_view(encoding) != "UTF8") {
    return fail(ErrorCode::kUsage, "PostgreSQL: the database must have the encoding UTF8");
  }
  // A commit that returned must be on disk, whatever the role's settings are. Statements are
  // planned once, maybe while a table is still empty: always by an index, where there is one.
  const std::string settings = "SET search_path TO " + place_.schema +
                               "; SET enable_seqscan=off; SET lock_timeout='" +
                               std::to_string(kLockSeconds) +
                               "s'; SELECT set_config('synchronous_commit', 'on', false) WHERE "
                               "current_setting('synchronous_commit') IN ('off', 'local')";
  const Answer answer(PQexec(connection_.get(), settings.c_str()));
  if (!is_success(PQresultStatus(answer.get()))) {
    return error_of(place_.schema, answer.get(), connection_.get());
  }
  if (PQenterPipelineMode(connection_.get()) == 1) return ok();
  return fail(ErrorCode::kInternal, "PostgreSQL: no pipeline");
}

Status Session::reconnect_if_lost() {
  return connection_ != nullptr && !is_gone(connection_.get()) ? ok() : connect();
}

Error Session::lost() {
  return error_of(place_.schema, nullptr, connection_.get());
}

Status Session::note_sent(bool was_sent) {
  if (!was_sent) return lost();
  queued_.push_back(0);
  return ok();
}

// The name under which the server has the statement for parameters of these kinds.
Result<std::string> Session::prepared(std::string_view sql, const std::vector<Value>& values) {
  std::string key;
  for (const Value& value : values) key += kKindLetters[value.index()];
  key.append("/").append(sql);
  const auto known = prepared_.find(key);
  if (known != prepared_.end()) return known->second;
  if (prepared_.size() >= kMostPrepared) return std::string();  // the unnamed one, each time anew
  std::string name = "s" + std::to_string(++names_given_);
  prepared_.emplace(std::move(key), name);
  return name;
}

Status Session::send(std::string_view sql, const std::vector<Value>& values) {
  const std::uint64_t before = names_given_;
  ROOTLET_TRY(const std::string name, prepared(sql, values));
  std::vector<Oid> types;
  std::vector<std::string> held;
  std::vector<const char*> bytes;
  std::vector<int> lengths, formats(values.size(), 1);
  for (const Value& value : values) {
    types.push_back(kTypes[value.index()]);
    held.push_back(bytes_of(value));
    lengths.push_back(static_cast<int>(held.back().size()));
    queued_bytes_ += held.back().size();
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    bytes.push_back(values[i].index() == 0 ? nullptr : held[i].data());
  }
  const int count = static_cast<int>(values.size());
  if (name.empty() || names_given_ != before) {
    const std::string text = statement_in_postgres(sql);
    ROOTLET_TRY(note_sent(
        PQsendPrepare(connection_.get(), name.c_str(), text.c_str(), count, types.data()) == 1));
  }
  return note_sent(PQsendQueryPrepared(connection_.get(), name.c_str(), count, bytes.data(),
                                       lengths.data(), formats.data(), 1) == 1);
}

Result<Answer> Session::collect() {
  Answer last;
  std::optional<Error> failed;
  for (const Ticket ticket : queued_) {
    last.reset(PQgetResult(connection_.get()));
    const ExecStatusType status = PQresultStatus(last.get());
    if (!is_success(status) && !failed && status != PGRES_PIPELINE_ABORTED) {
      failed = error_of(place_.schema, last.get(), connection_.get());
    }
    if (is_gone(connection_.get())) break;
    // Each statement's answers end with a null.
    while (PGresult* more = PQgetResult(connection_.get())) last.reset(more);
    if (ticket != 0) answers_[ticket] = std::move(last);
  }
  const Answer end(PQgetResult(connection_.get()));
  if (failed) return *std::move(failed);
  if (PQresultStatus(end.get()) != PGRES_PIPELINE_SYNC) return lost();
  return last;
}

void Session::forget_queue() {
  queued_.clear();
  queued_bytes_ = 0;
}

Result<Answer> Session::wait() {
  const bool was_sent = PQpipelineSync(connection_.get()) == 1;
  Result<Answer> last = was_sent ? collect() : Result<Answer>(lost());
  forget_queue();
  // What was skipped after an error was not prepared either.
  if (last.has_error()) prepared_.clear();
  return last;
}

Result<Answer> Session::ask_once(std::string_view sql, const std::vector<Value>& values) {
  ROOTLET_TRY(send(sql, values));
  return wait();
}

Result<Answer> Session::ask(std::string_view sql, const std::vector<Value>& values) {
  if (failure_) return *failure_;
  if (in_transaction_) {
    Result<Answer> answer = ask_once(sql, values);
    if (answer.has_error()) failure_ = answer.error();
    return answer;
  }
  ROOTLET_TRY(reconnect_if_lost());
  Result<Answer> answer = ask_once(sql, values);
  const bool may_repeat = sql.starts_with("SELECT") && is_gone(connection_.get());
  if (answer.has_value() || !may_repeat) return answer;
  ROOTLET_TRY(connect());
  return ask_once(sql, values);
}

Result<Session::Ticket> Session::start(std::string_view sql, const std::vector<Value>& values) {
  if (failure_) return *failure_;
  const Status sent = send(sql, values);
  if (sent.has_error()) {
    failure_ = sent.error();
    return *failure_;
  }
  return queued_.back() = ++last_ticket_;
}

Result<Answer> Session::take(Ticket ticket) {
  if (!answers_.contains(ticket) && !failure_) {
    const Result<Answer> all = wait();
    if (all.has_error()) failure_ = all.error();
  }
  if (failure_) return *failure_;
  const auto found = answers_.find(ticket);
  if (found == answers_.end())
    return fail(ErrorCode::kInternal, place_.schema + ": no such answer");
  Answer answer = std::move(found->second);
  answers_.erase(found);
  return answer;
}

Status Session::run(std::string_view sql, const std::vector<Value>& values) {
  if (!in_transaction_) {
    ROOTLET_TRY(ask(sql, values));
    return ok();
  }
  if (failure_) return *failure_;
  Status sent = send(sql, values);
  if (sent.has_value() && (queued_.size() >= kMostQueued || queued_bytes_ >= kMostQueuedBytes)) {
    const Result<Answer> answers = wait();
    if (answers.has_error()) sent = answers.error();
  }
  if (sent.has_error()) failure_ = sent.error();
  return sent;
}

Status Session::begin(bool alone, const std::vector<std::string>& names) {
  const auto try_once = [&]() -> Status {
    ROOTLET_TRY(send("BEGIN", {}));
    ROOTLET_TRY(send(alone ? kLockAlone : kLockShared, {lock_number(place_.schema, "")}));
    for (const std::string& name : names) {
      ROOTLET_TRY(send(kLockAlone, {lock_number(place_.schema, name)}));
    }
    ROOTLET_TRY(wait());
    return ok();
  };
  ROOTLET_TRY(reconnect_if_lost());
  Status begun = try_once();
  if (begun.has_error() && is_gone(connection_.get())) {
    ROOTLET_TRY(connect());
    begun = try_once();
  }
  in_transaction_ = true;
  if (begun.has_error()) roll_back();
  return begun;
}

Status Session::commit() {
  const Status earlier = failure_ ? Status(*failure_) : ok();
  if (earlier.has_error()) return earlier;
  ROOTLET_TRY(const Answer answer, ask("COMMIT", {}));
  if (std::string_view(PQcmdStatus(answer.get())) != "COMMIT") {
    failure_ = fail(ErrorCode::kStorage, place_.schema + ": the server gave the transaction up");
    return *failure_;
  }
  in_transaction_ = false;
  return ok();
}

Result<SessionTransaction> SessionTransaction::begin(Session& session) {
  ROOTLET_TRY(session.begin(true, {}));
  return SessionTransaction(&session);
}

Result<SessionTransaction> SessionTransaction::begin_beside(Session& session,
                                                            std::vector<std::string> names) {
  std::ranges::sort(names);
  ROOTLET_TRY(session.begin(false, names));
  return SessionTransaction(&session);
}

Status SessionTransaction::commit() {
  ROOTLET_TRY(session_->commit());
  session_ = nullptr;
  return ok();
}

// After an error the statements that were skipped are unknown to the server, so it begins anew.
void Session::roll_back() {
  in_transaction_ = false;
  answers_.clear();
  const bool has_failed = failure_.has_value() || is_gone(connection_.get());
  failure_.reset();
  if (has_failed || wait().has_error() || ask_once("ROLLBACK", {}).has_error()) {
    connection_.reset();
  }
}

Status Session::execute(const std::string& sql) {
  if (failure_) return *failure_;
  if (!in_transaction_) {
    ROOTLET_TRY(reconnect_if_lost());
  } else {
    ROOTLET_TRY(wait());
  }
  if (PQexitPipelineMode(connection_.get()) != 1) return lost();
  const Answer answer(PQexec(connection_.get(), sql.c_str()));
  Status done = ok();
  if (!is_success(PQresultStatus(answer.get()))) {
    done = error_of(place_.schema, answer.get(), connection_.get());
  }
  if (!is_gone(connection_.get()) && PQenterPipelineMode(connection_.get()) != 1) done = lost();
  if (done.has_error() && in_transaction_) failure_ = done.error();
  return done;
}

Status Session::copy(const std::string& target, ByteView rows) {
  if (failure_) return *failure_;
  const Result<Answer> before = wait();
  Status done = before.has_error() ? Status(before.error()) : copy_now(target, rows);
  if (done.has_error()) failure_ = done.error();
  return done;
}

Status Session::copy_now(const std::string& target, ByteView rows) {
  constexpr std::size_t kPiece = std::size_t{1} << 20;
  if (PQexitPipelineMode(connection_.get()) != 1) return lost();
  const std::string sql = "COPY " + target + " FROM STDIN (FORMAT binary)";
  const Answer begun(PQexec(connection_.get(), sql.c_str()));
  if (PQresultStatus(begun.get()) != PGRES_COPY_IN) {
    const Error refused = error_of(place_.schema, begun.get(), connection_.get());
    static_cast<void>(PQenterPipelineMode(connection_.get()));
    return refused;
  }
  const auto put = [&](std::string_view bytes) {
    return PQputCopyData(connection_.get(), bytes.data(), static_cast<int>(bytes.size())) == 1;
  };
  if (!put(kCopyHeader)) return lost();
  for (std::size_t at = 0; at < rows.size(); at += kPiece) {
    if (!put(as_text(rows.subspan(at, std::min(kPiece, rows.size() - at))))) return lost();
  }
  if (!put(kCopyEnd)) return lost();
  if (PQputCopyEnd(connection_.get(), nullptr) < 1) return lost();
  Status done = ok();
  while (const Answer answer{PQgetResult(connection_.get())}) {
    if (PQresultStatus(answer.get()) != PGRES_COMMAND_OK) {
      done = error_of(place_.schema, answer.get(), connection_.get());
    }
    if (is_gone(connection_.get())) break;
  }
  if (!is_gone(connection_.get()) && PQenterPipelineMode(connection_.get()) != 1) return lost();
  return done;
}

}  // namespace rootlet::platform::postgres
