// Passes on to the engine.
#include "platform/store/store.hpp"

#include "core/crypto.hpp"
#include "platform/store/database_address.hpp"

namespace rootlet::platform {
namespace {

constexpr std::string_view kKeyCheck = "key_check";
constexpr std::string_view kSealedDomain = "rootlet secret in a database v1 ";

// Below it a round trip for COPY costs more than it saves.
constexpr std::size_t kCopyFrom = 100;  // rows

// A file does not open with another key. A schema does, so it keeps something that only its key
// opens.
Status check_key(Store& store, const StorePlace& place) {
  if (place.key == nullptr) return ok();
  ROOTLET_TRY(Statement query, store.prepare("SELECT key_check FROM schema_version"));
  ROOTLET_TRY(query.step());
  if (query.is_null(0)) {
    ROOTLET_TRY(Statement save, store.prepare("UPDATE schema_version SET key_check=?"));
    return save.bind_all(store.seal(kKeyCheck, SymmetricKey())).run();
  }
  if (store.unseal(kKeyCheck, query.blob(0)).has_value()) return ok();
  return fail(ErrorCode::kStorageDamaged,
              place.file.stem().string() + ": the home's key is not that of its database");
}

}  // namespace

Statement& Statement::bind(int index, std::int64_t value) {
  std::visit([&](auto& engine) { engine.bind(index, value); }, engine_);
  return *this;
}

Statement& Statement::bind(int index, std::string_view text) {
  std::visit([&](auto& engine) { engine.bind(index, text); }, engine_);
  return *this;
}

Statement& Statement::bind(int index, ByteView blob) {
  std::visit([&](auto& engine) { engine.bind(index, blob); }, engine_);
  return *this;
}

Statement& Statement::bind_null(int index) {
  std::visit([&](auto& engine) { engine.bind_null(index); }, engine_);
  return *this;
}

Status Statement::start() {
  auto* postgres = std::get_if<PostgresStatement>(&engine_);
  return postgres != nullptr ? postgres->start() : ok();
}

Result<bool> Statement::step() {
  return std::visit([](auto& engine) { return engine.step(); }, engine_);
}

Status Statement::run() {
  return std::visit([](auto& engine) { return engine.run(); }, engine_);
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
  std::visit([](auto& engine) { engine.reset(); }, engine_);
}

bool Statement::is_null(int column) const {
  return std::visit([&](const auto& engine) { return engine.is_null(column); }, engine_);
}

std::int64_t Statement::integer(int column) const {
  return std::visit([&](const auto& engine) { return engine.integer(column); }, engine_);
}

std::string_view Statement::text(int column) const {
  return std::visit([&](const auto& engine) { return engine.text(column); }, engine_);
}

ByteView Statement::blob(int column) const {
  return std::visit([&](const auto& engine) { return engine.blob(column); }, engine_);
}

Result<Store> Store::open(const StorePlace& place, std::span<const std::string_view> migrations) {
  if (place.database.empty()) return open_file(place.file, *place.key, migrations);
  ROOTLET_TRY(const DatabaseAddress address, parse_database_address(place.database));
  ROOTLET_TRY(
      postgres::Session session,
      postgres::Session::open(
          {.address = address.place, .schema = address.prefix + "_" + place.file.stem().string()}));
  auto held = std::make_unique<postgres::Session>(std::move(session));
  ROOTLET_TRY(migrate(*held, migrations));
  Store store(std::move(held), place.key);
  ROOTLET_TRY(check_key(store, place));
  return store;
}

Result<Store> Store::open_made(const StorePlace& place) {
  if (place.database.empty()) {
    ROOTLET_TRY(Database file,
                Database::open(place.file, *place.key,
                               {.mode = OpenMode::kReadWrite, .durability = Durability::kFull}));
    return Store(std::move(file));
  }
  ROOTLET_TRY(const DatabaseAddress address, parse_database_address(place.database));
  ROOTLET_TRY(
      postgres::Session session,
      postgres::Session::open(
          {.address = address.place, .schema = address.prefix + "_" + place.file.stem().string()}));
  return Store(std::make_unique<postgres::Session>(std::move(session)), place.key);
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
  return is_shared() ? session().run(sql, {}) : file().execute(sql);
}

Result<Statement> Store::prepare(std::string_view sql) {
  if (is_shared()) return Statement(PostgresStatement(session(), sql));
  ROOTLET_TRY(rootlet::Statement statement, file().prepare(sql));
  return Statement(std::move(statement));
}

Result<std::int64_t> Store::integer(std::string_view sql, std::int64_t fallback) {
  ROOTLET_TRY(Statement statement, prepare(sql));
  ROOTLET_TRY(const bool row, statement.step());
  return row && !statement.is_null(0) ? statement.integer(0) : fallback;
}

Status Store::insert(const NewRows& rows) {
  if (is_shared() && rows.size() >= kCopyFrom) {
    return session().copy(rows.table_ + "(" + rows.columns_ + ")", rows.stream_);
  }
  if (rows.size() == 0) return ok();
  ROOTLET_TRY(Statement statement, prepare(rows.insertion()));
  ByteView rest = rows.stream_;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    rows.bind_row(statement, rest);
    ROOTLET_TRY(statement.run());
  }
  return ok();
}

std::string Store::sealing_domain(std::string_view name) const {
  const auto& session = std::get<SessionPointer>(engine_);
  return std::string(kSealedDomain) + session->schema() + "/" + std::string(name);
}

Bytes Store::seal(std::string_view name, const SymmetricKey& secret) const {
  if (!key_) return to_bytes(ByteView(secret.expose()));
  return wrap(*key_, sealing_domain(name), secret.expose());
}

Result<SymmetricKey> Store::unseal(std::string_view name, ByteView column) const {
  if (!key_) return SymmetricKey::from(column);
  ROOTLET_TRY(Bytes secret, unwrap(*key_, sealing_domain(name), column));
  Result<SymmetricKey> key = SymmetricKey::from(secret);
  sodium_memzero(secret.data(), secret.size());
  return key;
}

Result<Transaction> Transaction::begin(Store& store) {
  if (store.is_shared()) {
    ROOTLET_TRY(postgres::SessionTransaction transaction,
                postgres::SessionTransaction::begin(store.session()));
    return Transaction(std::move(transaction));
  }
  ROOTLET_TRY(rootlet::Transaction transaction, rootlet::Transaction::begin(store.file()));
  return Transaction(std::move(transaction));
}

Result<Transaction> Transaction::begin_beside(Store& store, std::vector<std::string> names) {
  if (!store.is_shared()) return begin(store);
  ROOTLET_TRY(postgres::SessionTransaction transaction,
              postgres::SessionTransaction::begin_beside(store.session(), std::move(names)));
  return Transaction(std::move(transaction));
}

Status Transaction::commit() {
  return std::visit([](auto& engine) { return engine.commit(); }, engine_);
}

}  // namespace rootlet::platform
