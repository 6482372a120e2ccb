// Transactions, and the migrations of a file.
#include "storage/database.hpp"

namespace rootlet {

Result<Transaction> Transaction::begin(Database& database) {
  ROOTLET_TRY(database.execute("BEGIN IMMEDIATE"));
  return Transaction(&database);
}

Transaction::~Transaction() {
  if (database_ == nullptr) return;
  // A failed statement may already have rolled back; then there is nothing left to undo.
  static_cast<void>(database_->execute("ROLLBACK").has_error());
}

Status Transaction::commit() {
  ROOTLET_TRY(database_->execute("COMMIT"));
  database_ = nullptr;
  return ok();
}

Result<ReadTransaction> ReadTransaction::begin(Database& database) {
  ROOTLET_TRY(database.execute("BEGIN"));
  ReadTransaction reading(&database);
  // BEGIN alone does not fix the view of the file; reading the first page does.
  ROOTLET_TRY(database.integer("SELECT count(*) FROM sqlite_schema"));
  return reading;
}

void ReadTransaction::end() {
  if (database_ == nullptr) return;
  // Nothing is written: this fails only if an error has ended the transaction before.
  static_cast<void>(database_->execute("COMMIT").has_error());
  database_ = nullptr;
}

Status migrate(Database& database, std::span<const std::string_view> migrations) {
  ROOTLET_TRY(const std::int64_t version, database.integer("PRAGMA user_version"));
  const auto known = static_cast<std::int64_t>(migrations.size());
  if (version > known) {
    return fail(ErrorCode::kStorageDamaged, "the file has version " + std::to_string(version) +
                                                ", this program knows " + std::to_string(known) +
                                                ": install the newer program");
  }
  for (std::int64_t next = version; next < known; ++next) {
    ROOTLET_TRY(Transaction transaction, Transaction::begin(database));
    // Another thread may have migrated the same new file meanwhile.
    ROOTLET_TRY(const std::int64_t reached, database.integer("PRAGMA user_version"));
    if (reached > next) continue;
    ROOTLET_TRY(database.execute(migrations[static_cast<std::size_t>(next)]));
    ROOTLET_TRY(database.execute("PRAGMA user_version=" + std::to_string(next + 1)));
    ROOTLET_TRY(transaction.commit());
  }
  return ok();
}

}  // namespace rootlet
