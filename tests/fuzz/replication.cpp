// A log of PostgreSQL from anywhere: reading it never crashes, and what is collected are whole rows
// of one table. Each message is its length in two bytes, and its bytes.
#include <cstdlib>

#include "platform/source/databases/replication/collected_changes.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace rootlet;
  using namespace rootlet::platform;
  ByteView left(data, size);
  ChangeCollector collector("public", "t", SeenTransactions(), 0);
  while (left.size() >= 2) {
    const std::size_t wanted = static_cast<std::size_t>(left[0]) << 8 | left[1];
    left = left.subspan(2);
    const ByteView bytes = left.first(std::min(wanted, left.size()));
    left = left.subspan(bytes.size());
    const Result<ReplicationMessage> message = parse_replication_message(bytes);
    if (message.has_error()) {
      if (message.error().code != ErrorCode::kUntrusted) std::abort();
      continue;
    }
    const Status taken = collector.take(message.value());
    if (taken.has_error() && taken.error().code != ErrorCode::kUntrusted) std::abort();
  }
  const CollectedChanges changes = std::move(collector).result();
  for (const CollectedChanges::Row& row : changes.rows) {
    if (row.values.size() > size) std::abort();
  }
  return 0;
}
