#include "platform/migration/table_copy.hpp"

#include <algorithm>

#include "core/crypto.hpp"

namespace rootlet::platform {
namespace {

constexpr std::size_t kFetched = 500;  // rows in memory at once

std::string in_quotes(std::string_view name) {
  return quote_identifier(name);
}

std::string list_of(const CopiedTable& table) {
  std::string list;
  for (const CopiedColumn& column : table.columns) {
    list += (list.empty() ? "" : ", ") + in_quotes(column.name);
  }
  return list;
}

std::string name_in_file(const CopiedTable& table) {
  return in_quotes(table.has_moved ? std::string(kMovedPrefix) + table.name : table.name);
}

// By which a secret is sealed (Store::seal), in the column `secret` of two tables.
std::string sealed_name(const CopiedTable& table, const auto& row) {
  if (table.name == "secrets") return std::string(row.text(0));
  return "content/" + std::string(row.text(0)) + "/" + std::to_string(row.integer(1)) + "/" +
         std::to_string(row.integer(2));
}

bool is_sealed(const CopiedTable& table, std::size_t column) {
  return (table.name == "secrets" || table.name == "dataset_keys") &&
         table.columns[column].name == "secret";
}

class Digester {
 public:
  template <typename Row, typename Secret>
  Status add(const CopiedTable& table, const Row& row, Secret secret_of) {
    bytes_.clear();
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      const int column = static_cast<int>(i);
      if (row.is_null(column)) {
        bytes_.push_back(0);
        continue;
      }
      switch (table.columns[i].kind) {
        case CopiedColumn::Kind::kInteger:
          append(1, as_bytes(std::to_string(row.integer(column))));
          break;
        case CopiedColumn::Kind::kText:
          append(2, as_bytes(row.text(column)));
          break;
        case CopiedColumn::Kind::kBytes: {
          if (!is_sealed(table, i)) {
            append(3, row.blob(column));
            break;
          }
          ROOTLET_TRY(const SymmetricKey secret, secret_of(row, column));
          append(3, secret.expose());
        }
      }
    }
    ++digest_.rows;
    add_up(blake2b(bytes_));
    return ok();
  }
  const TableDigest& digest() const { return digest_; }

 private:
  void append(std::uint8_t kind, ByteView value) {
    bytes_.push_back(kind);
    for (std::size_t size = value.size(), i = 0; i < 8; ++i, size >>= 8) {
      bytes_.push_back(static_cast<std::uint8_t>(size));
    }
    bytes_.insert(bytes_.end(), value.begin(), value.end());
  }
  // Modulo 2^256.
  void add_up(const Hash256& hash) {
    unsigned carry = 0;
    for (std::size_t i = 0; i < hash.size(); ++i) {
      carry += digest_.sum[i] + hash[i];
      digest_.sum[i] = static_cast<std::uint8_t>(carry);
      carry >>= 8;
    }
  }
  Bytes bytes_;
  TableDigest digest_;
};

Result<std::vector<CopiedColumn>> columns_of(Database& file, const std::string& name) {
  std::vector<CopiedColumn> columns;
  ROOTLET_TRY(rootlet::Statement query,
              file.prepare("SELECT name, type, pk, (SELECT count(*) FROM pragma_table_info(?1) "
                           "WHERE pk>0) FROM pragma_table_info(?1) ORDER BY cid"));
  query.bind_all(name);
  while (true) {
    ROOTLET_TRY(const bool more, query.step());
    if (!more) return columns;
    CopiedColumn column{.name = std::string(query.text(0))};
    const std::string_view type = query.text(1);
    if (type == "TEXT") column.kind = CopiedColumn::Kind::kText;
    if (type == "BLOB") column.kind = CopiedColumn::Kind::kBytes;
    column.counts_up = type == "INTEGER" && query.integer(2) == 1 && query.integer(3) == 1;
    columns.push_back(std::move(column));
  }
}

Result<rootlet::Statement> rows_of(Database& file, const CopiedTable& table) {
  return file.prepare("SELECT " + list_of(table) + " FROM " + name_in_file(table));
}

Status bind_row(const CopiedTable& table, const rootlet::Statement& row, const Store& target,
                Statement& save) {
  save.reset();
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const int column = static_cast<int>(i), parameter = column + 1;
    if (row.is_null(column)) {
      save.bind_null(parameter);
    } else if (is_sealed(table, i)) {
      ROOTLET_TRY(const SymmetricKey secret, SymmetricKey::from(row.blob(column)));
      const Bytes sealed = target.seal(sealed_name(table, row), secret);
      save.bind(parameter, ByteView(sealed));
    } else if (table.columns[i].kind == CopiedColumn::Kind::kInteger) {
      save.bind(parameter, row.integer(column));
    } else if (table.columns[i].kind == CopiedColumn::Kind::kText) {
      save.bind(parameter, row.text(column));
    } else {
      save.bind(parameter, row.blob(column));
    }
  }
  return ok();
}

Status copy_table(Database& file, Store& target, const CopiedTable& table) {
  std::string places;
  for (std::size_t i = 0; i < table.columns.size(); ++i) places += i == 0 ? "?" : ",?";
  ROOTLET_TRY(Statement save, target.prepare("INSERT INTO " + in_quotes(table.name) + "(" +
                                             list_of(table) + ") VALUES(" + places + ")"));
  ROOTLET_TRY(rootlet::Statement rows, rows_of(file, table));
  while (true) {
    ROOTLET_TRY(const bool more, rows.step());
    if (!more) return ok();
    ROOTLET_TRY(bind_row(table, rows, target, save));
    ROOTLET_TRY(save.run());
  }
}

// The server goes on counting above the rows that came.
Status go_on_counting(Store& target, const CopiedTable& table) {
  for (const CopiedColumn& column : table.columns) {
    if (!column.counts_up) continue;
    ROOTLET_TRY(Statement set,
                target.prepare("SELECT setval(pg_get_serial_sequence('" + table.name + "', '" +
                               column.name + "'), (SELECT coalesce(max(" + in_quotes(column.name) +
                               "), 0) + 1 FROM " + in_quotes(table.name) + "), false)"));
    ROOTLET_TRY(set.any());
  }
  return ok();
}

}  // namespace

Result<std::vector<CopiedTable>> tables_of(Database& file) {
  std::vector<CopiedTable> tables;
  ROOTLET_TRY(rootlet::Statement query,
              file.prepare("SELECT name FROM sqlite_schema WHERE type='table' AND "
                           "name NOT LIKE 'sqlite%' ORDER BY rowid"));
  while (true) {
    ROOTLET_TRY(const bool more, query.step());
    if (!more) return tables;
    CopiedTable table{.name = std::string(query.text(0)), .columns = {}};
    ROOTLET_TRY(table.columns, columns_of(file, table.name));
    table.has_moved = table.name.starts_with(kMovedPrefix);
    if (table.has_moved) table.name.erase(0, kMovedPrefix.size());
    tables.push_back(std::move(table));
  }
}

Status copy_tables(Database& file, Store& target, const std::vector<CopiedTable>& tables) {
  ROOTLET_TRY(Transaction transaction, Transaction::begin(target));
  for (auto table = tables.rbegin(); table != tables.rend(); ++table) {
    ROOTLET_TRY(target.execute("DELETE FROM " + in_quotes(table->name)));
  }
  for (const CopiedTable& table : tables) {
    ROOTLET_TRY(copy_table(file, target, table));
    ROOTLET_TRY(go_on_counting(target, table));
  }
  return transaction.commit();
}

Result<TableDigest> digest_of(Database& file, const CopiedTable& table) {
  Digester digester;
  ROOTLET_TRY(rootlet::Statement rows, rows_of(file, table));
  while (true) {
    ROOTLET_TRY(const bool more, rows.step());
    if (!more) return digester.digest();
    ROOTLET_TRY(digester.add(table, rows, [](const rootlet::Statement& row, int column) {
      return SymmetricKey::from(row.blob(column));
    }));
  }
}

Result<TableDigest> digest_of(Store& target, const CopiedTable& table) {
  Digester digester;
  ROOTLET_TRY(Transaction transaction, Transaction::begin(target));
  ROOTLET_TRY(target.execute("DECLARE moving CURSOR FOR SELECT " + list_of(table) + " FROM " +
                             in_quotes(table.name)));
  ROOTLET_TRY(Statement rows, target.prepare("FETCH " + std::to_string(kFetched) + " FROM moving"));
  while (true) {
    bool was_any = false;
    while (true) {
      ROOTLET_TRY(const bool more, rows.step());
      if (!more) break;
      was_any = true;
      ROOTLET_TRY(digester.add(table, rows, [&](const Statement& row, int column) {
        return target.unseal(sealed_name(table, row), row.blob(column));
      }));
    }
    rows.reset();
    if (!was_any) return digester.digest();
  }
}

Status rename_moved(Database& file, const std::vector<CopiedTable>& tables) {
  for (const CopiedTable& table : tables) {
    if (table.has_moved) continue;
    ROOTLET_TRY(file.execute("ALTER TABLE " + in_quotes(table.name) + " RENAME TO " +
                             in_quotes(std::string(kMovedPrefix) + table.name)));
  }
  return ok();
}

}  // namespace rootlet::platform
