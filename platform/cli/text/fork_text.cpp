// Words for forks in both languages.
#include "platform/cli/text/fork_text.hpp"

#include <algorithm>

namespace rootlet::platform {
namespace {

Text line_of(const ForkEntry& fork) {
  const std::string number = std::to_string(fork.sequence), last = format_time(fork.last_at);
  return {.en = "FORK  " + fork.office + "  chain " + fork.chain + "  at batch " + number +
                "  last " + last + "\n",
          .zh = "分叉  " + fork.office + "  序列 " + fork.chain + "  批次 " + number + "  最近 " +
                last + "\n"};
}

Text meaning() {
  return {.en =
              "An office forks when two machines send as it: its machine was copied, or restored "
              "from an older copy. The batches that differ were refused, their records travel "
              "again on a new chain, and none is lost or doubled. Ask the office which machine "
              "is its own. A copy must stop; if it is in other hands, treat the office's keys as "
              "stolen.\n",
          .zh =
              "两台机器以同一单位名义上报时出现分叉：机器被复制，或由旧备份恢复。不同的批次已拒收，"
              "记录会换新的序列重新上报，不会丢失或重复。请向该单位核实哪台机器是其本机，副本须"
              "停用；副本若在他人手中，应视为该单位密钥已被盗。\n"};
}

}  // namespace

json::array json_forks(std::span<const ForkEntry> forks) {
  json::array out;
  for (const ForkEntry& fork : forks) {
    out.push_back(json::object{{"office", fork.office},
                               {"chain", fork.chain},
                               {"sequence", fork.sequence},
                               {"held", to_hex(fork.held)},
                               {"other", to_hex(fork.other)},
                               {"first_at", format_time(fork.first_at)},
                               {"last_at", format_time(fork.last_at)},
                               {"times", fork.times}});
  }
  return out;
}

std::size_t forks_of(std::span<const ForkEntry> forks, std::string_view office) {
  return static_cast<std::size_t>(std::count_if(
      forks.begin(), forks.end(), [&](const ForkEntry& fork) { return fork.office == office; }));
}

std::string forks_cell(std::span<const ForkEntry> forks, std::string_view office) {
  const std::size_t count = forks_of(forks, office);
  return count == 0 ? "" : std::to_string(count);
}

std::string forks_text(std::span<const ForkEntry> forks, Language language) {
  std::string out;
  for (const ForkEntry& fork : forks) out += line_of(fork).in(language);
  return out.empty() ? out : out + meaning().in(language);
}

}  // namespace rootlet::platform
