// A logical replication slot of PostgreSQL, which keeps the changes of a table until they are
// published. Read by plain SQL functions: a look at the changes takes none away, so whatever is
// killed meanwhile, they come again; forward() lets them go.
//
// The role needs the attribute REPLICATION, and a publication with the table must exist. One
// thread. kUnreachable if the server is gone, kUsage for what it does not take.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "platform/source/databases/replication/collected_changes.hpp"
#include "platform/source/row_source.hpp"

namespace rootlet::platform {

struct ReplicationPlace {
  std::string address;  // as open_postgres_source() takes it
  std::string schema, table, publication;
  std::string slot;  // [a-z0-9_]
};

class ReplicationSlot {
 public:
  static Result<ReplicationSlot> open(const ReplicationPlace& place);
  // False if the slot was never made, or the server gave its changes up.
  bool is_there() const { return is_there_; }
  // Makes it, anew if need be. What was before is not in it: what is remembered of the table must
  // be forgotten first, so that whatever is killed, all rows are read.
  Status make();
  // Bytes of the log that the server keeps for the slot.
  std::uint64_t lag_bytes() const { return lag_bytes_; }
  // How far the server's log is on disk. It goes back only if the server was put back from an older
  // copy; what was published then says nothing about its transactions.
  std::uint64_t log_end() const { return log_end_; }
  // Slots of this server whose names begin so.
  Result<std::vector<std::string>> slots_with(const std::string& prefix);

  // As far as one publish takes them, and whether there are more.
  struct Look {
    CollectedChanges changes;
    bool has_more = false;
  };
  Result<Look> look(const SeenTransactions& seen, std::uint64_t position);
  // The server may forget what is before `position`.
  Status forward(std::uint64_t position);

  // kUsage if something reads it at this moment. A slot that is not there is no error.
  static Status drop(const ReplicationPlace& place);

 private:
  ReplicationSlot(ReplicationPlace place, std::shared_ptr<void> connection)
      : place_(std::move(place)), connection_(std::move(connection)) {}
  Status find();

  ReplicationPlace place_;
  std::shared_ptr<void> connection_;  // PGconn
  bool is_there_ = false;
  std::uint64_t lag_bytes_ = 0, log_end_ = 0;
};

// The heading under which source_of_changes() says what kind of change a row is.
inline constexpr std::string_view kReplicatedChange = "kind of change";

// The changes as a list of changes. `name` is how errors call it.
std::unique_ptr<RowSource> source_of_changes(CollectedChanges changes, std::string name);

}  // namespace rootlet::platform
