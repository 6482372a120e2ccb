// A chain ends as "fork" or as "gap"; only the first points to another machine.
#include "agent/service/forks.hpp"

#include <algorithm>
#include <optional>

#include "core/format/json.hpp"

namespace rootlet::agent {
namespace {

constexpr std::chrono::days kRecent{30};

bool is_fork(const ChainSummary& chain) {
  return chain.quarantined && chain.reason == "fork";
}

// Chains are sorted by the time they were opened.
std::optional<UnixTime> end_of(std::span<const ChainSummary> chains, std::size_t at) {
  if (at + 1 >= chains.size()) return std::nullopt;
  return chains[at + 1].opened_at;
}

}  // namespace

json::array forks_json(std::span<const ChainSummary> chains) {
  json::array out;
  for (std::size_t i = 0; i < chains.size(); ++i) {
    if (!is_fork(chains[i])) continue;
    const std::optional<UnixTime> ended = end_of(chains, i);
    out.push_back(
        json::object{{"chain", chains[i].chain},
                     {"opened", format_time(chains[i].opened_at)},
                     {"ended", ended ? json::value(format_time(*ended)) : json::value(nullptr)}});
  }
  return out;
}

bool has_recent_fork(std::span<const ChainSummary> chains, UnixTime now) {
  for (std::size_t i = 0; i < chains.size(); ++i) {
    if (is_fork(chains[i]) && now < end_of(chains, i).value_or(now) + kRecent) return true;
  }
  return false;
}

Text fork_words(std::size_t forks) {
  const std::string count = std::to_string(forks);
  return {
      .en = count + (forks == 1 ? " fork" : " forks") +
            ": the platform had other records under a number that this machine used, so a copy "
            "of this machine, or this machine restored from an older copy, sends as this office",
      .zh = "发现 " + count +
            " 次分叉：平台上同一序号下已有不同的记录，说明有另一台复制的机器，或本机由旧备份恢复"
            "，也在以本单位名义上报"};
}

Text fork_advice() {
  return {.en =
              "No record is lost or doubled: they travel again on a new chain. If the machine was "
              "restored, nothing more is needed. If it was copied, stop the agent on the copy, and "
              "tell the platform's operator if the copy is in other hands.",
          .zh =
              "记录没有丢失或重复，已换新的序列重新上报。若是恢复备份，无需其他操作；若机器被复制，"
              "请停用副本上的程序，副本不在本单位手中时请通知平台管理员。"};
}

}  // namespace rootlet::agent
