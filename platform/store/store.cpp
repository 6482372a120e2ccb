// Passes on to the engine.
#include "platform/store/store.hpp"

namespace rootlet::platform {

Statement& Statement::bind(int index, std::int64_t value) {
  file_.bind(index, value);
  return *this;
}

Statement& Statement::bind(int index, std::string_view text) {
  file_.bind(index, text);
  return *this;
}

Statement& Statement::bind(int index, ByteView blob) {
  file_.bind(index, blob);
  return *this;
}

Statement& Statement::bind_null(int index) {
  file_.bind_null(index);
  return *this;
}

Result<bool> Statement::step() {
  return file_.step();
}

Status Statement::run() {
  return file_.run();
}

Result<bool> Statement::any() {
  ROOTLET_TRY(const bool row, step());
  ROOTLET_TRY(run());
  return row;
}

Result<std::int64_t> Statement::number() {
  ROOTLET_TRY(const bool row, step());
  const std::int64_t value = row ? integer(0) : 0;
  ROOTLET_TRY(run());
  return value;
}

void Statement::reset() {
  file_.reset();
}

bool Statement::is_null(int column) const {
  return file_.is_null(column);
}

std::int64_t Statement::integer(int column) const {
  return file_.integer(column);
}

std::string_view Statement::text(int column) const {
  return file_.text(column);
}

ByteView Statement::blob(int column) const {
  return file_.blob(column);
}

Result<Store> Store::open_file(const std::filesystem::path& path, const SymmetricKey& key,
                               std::span<const std::string_view> migrations, OpenOptions options) {
  ROOTLET_TRY(Database file, Database::open(path, key, options));
  if (options.mode == OpenMode::kReadOnly) return Store(std::move(file));
  return over(std::move(file), migrations);
}

Result<Store> Store::over(Database file, std::span<const std::string_view> migrations) {
  ROOTLET_TRY(migrate(file, migrations));
  return Store(std::move(file));
}

Status Store::execute(std::string_view sql) {
  return file_.execute(sql);
}

Result<Statement> Store::prepare(std::string_view sql) {
  ROOTLET_TRY(rootlet::Statement statement, file_.prepare(sql));
  return Statement(std::move(statement));
}

Result<std::int64_t> Store::integer(std::string_view sql, std::int64_t fallback) {
  ROOTLET_TRY(Statement statement, prepare(sql));
  ROOTLET_TRY(const bool row, statement.step());
  return row && !statement.is_null(0) ? statement.integer(0) : fallback;
}

Result<Transaction> Transaction::begin(Store& store) {
  ROOTLET_TRY(rootlet::Transaction transaction, rootlet::Transaction::begin(store.file()));
  return Transaction(std::move(transaction));
}

Status Transaction::commit() {
  return file_.commit();
}

}  // namespace rootlet::platform
