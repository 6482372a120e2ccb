// Reading and writing rows of `forks`. A chain ends with its fork, so one row for each is enough.
#include "platform/intake/rows/fork_rows.hpp"

#include "storage/row_values.hpp"

namespace rootlet::platform::intake {

Status note_fork(Store& inbox, const ForkEntry& fork) {
  ROOTLET_TRY(Statement note,
              inbox.prepare("INSERT INTO forks VALUES(?,?,?,?,?,?,?,1) ON CONFLICT(office, line) DO"
                            " UPDATE SET other=excluded.other, last_at=excluded.last_at,"
                            " times=forks.times+1"));
  note.bind_all(fork.office, fork.chain, fork.sequence, ByteView(fork.held), ByteView(fork.other),
                unix_s(fork.first_at), unix_s(fork.last_at));
  return note.run();
}

Result<std::vector<ForkEntry>> load_forks(Store& inbox) {
  ROOTLET_TRY(Statement list,
              inbox.prepare("SELECT office, line, sequence, held, other, first_at, last_at, times"
                            " FROM forks ORDER BY last_at DESC, office, line"));
  return read_all(list, [](const Statement& row) {
    return ForkEntry{.office = text_at(row, 0),
                     .chain = text_at(row, 1),
                     .sequence = count_at(row, 2),
                     .held = hash_at(row, 3),
                     .other = hash_at(row, 4),
                     .first_at = time_at(row, 5),
                     .last_at = time_at(row, 6),
                     .times = row.integer(7)};
  });
}

}  // namespace rootlet::platform::intake
